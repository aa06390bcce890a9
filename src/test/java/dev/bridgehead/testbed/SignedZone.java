package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A zone signed by ldns, for {@link Unbound}. Sign the child before its parent, which needs its DS
 * record.
 *
 * @param origin without the trailing dot
 * @param text the signed zone
 * @param ds what its parent says of its key; for the topmost zone, the trust anchor
 */
public record SignedZone(String origin, String text, String ds) {
  /** With NSEC. */
  public static SignedZone nsec(String origin, String records) {
    return sign(origin, records, List.of());
  }

  /** With NSEC3, hashed so many times more. */
  public static SignedZone nsec3(String origin, int iterations, String records) {
    return sign(origin, records, List.of("-n", "-s", "ab", "-t", Integer.toString(iterations)));
  }

  /** Whose signatures were good a year ago. */
  public static SignedZone expired(String origin, String records) {
    return sign(origin, records, List.of("-i", "20240101000000", "-e", "20250101000000"));
  }

  /** Signed by nobody: its parent says so. */
  public static SignedZone unsigned(String origin, String records) {
    return new SignedZone(origin, zoneFile(origin, records), "");
  }

  /** The same with some of its lines changed after it was signed. */
  public SignedZone tampered(UnaryOperator<String> line) {
    return new SignedZone(
        origin, text.lines().map(line).collect(Collectors.joining("\n", "", "\n")), ds);
  }

  /** What its parent has to hold: the delegation, and the DS record if it is signed. */
  public String delegation() {
    return "%s. IN NS ns.%s.%nns.%s. IN A 127.0.0.1%n%s%n".formatted(origin, origin, origin, ds);
  }

  /** The delegations of several. */
  public static String delegations(SignedZone... zones) {
    return Arrays.stream(zones).map(SignedZone::delegation).collect(Collectors.joining());
  }

  private static SignedZone sign(String origin, String records, List<String> options) {
    Path folder = Script.folder("signed-zone");
    try {
      Files.writeString(folder.resolve("zone"), zoneFile(origin, records));
      String key =
          folder
              .resolve(
                  inside(
                          folder,
                          "ldns-keygen",
                          "-a",
                          "ECDSAP256SHA256",
                          "-r",
                          "/dev/urandom",
                          origin)
                      .strip())
              .toString();
      inside(folder, "ldns-signzone", options, "-o", origin, "-f", "signed", "zone", key);
      return new SignedZone(
          origin,
          Files.readString(folder.resolve("signed")),
          inside(folder, "ldns-key2ds", "-f", "-n", "-2", key + ".key").strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Folders.delete(folder);
    }
  }

  private static String inside(Path folder, String program, String... arguments) {
    return inside(folder, program, List.of(), arguments);
  }

  private static String inside(
      Path folder, String program, List<String> options, String... arguments) {
    return MailPeers.program("usr/bin/" + program)
        .with(options.toArray(String[]::new))
        .with(arguments)
        .by(List.of("env", "-C", folder.toString()))
        .run();
  }

  private static String zoneFile(String origin, String records) {
    return """
        $ORIGIN %s.
        $TTL 60
        @ IN SOA ns nobody 1 60 60 60 60
        @ IN NS ns
        ns IN A 127.0.0.1
        %s
        """
        .formatted(origin, records);
  }
}
