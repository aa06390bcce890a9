package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
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

  /**
   * Written aside and renamed, so that nobody reads half of it; where the disk has no room for
   * that, over what a run before left, since a relay with mail must start there.
   */
  void write(int port) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("url", "http://127.0.0.1:" + port);
    json.put("port", port);
    json.put("token", token);
    json.put("pid", ProcessHandle.current().pid());
    byte[] octets = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    try {
      write(octets, part, StandardOpenOption.CREATE_NEW);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(part);
      if (!Files.exists(file)) {
        throw e;
      }
      write(octets, file, StandardOpenOption.CREATE);
    }
  }

  private static void write(byte[] octets, Path into, StandardOpenOption create)
      throws IOException {
    try (var channel =
        Files.newByteChannel(
            into,
            Set.of(create, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      int unused = channel.write(ByteBuffer.wrap(octets));
      channel.truncate(octets.length);
    }
  }
}
