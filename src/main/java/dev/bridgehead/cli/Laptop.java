package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How commands on this machine reach a relay that {@code run} started: {@code management.json} in
 * its data folder, for its user only.
 *
 * @param token made anew at each start
 */
record Laptop(Path file, String token) {
  static final String FILE = "management.json";

  static Laptop in(Path data) {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    return new Laptop(data.resolve(FILE), HexFormat.of().formatHex(random));
  }

  /** Written aside and renamed, so that nobody reads half of it. */
  void write(int port) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("url", "http://127.0.0.1:" + port);
    json.put("port", port);
    json.put("token", token);
    json.put("pid", ProcessHandle.current().pid());
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    try (var channel =
        Files.newByteChannel(
            part,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      int unused =
          channel.write(
              java.nio.ByteBuffer.wrap(
                  new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json)));
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
