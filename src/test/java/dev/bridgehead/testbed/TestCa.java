package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A certificate authority for the names of one test, made with {@code openssl}. PEM files. */
public final class TestCa {
  private final Path folder;
  private final String name;

  private TestCa(Path folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /** A new authority, whose files lie in a folder that exists. */
  public static TestCa in(Path folder, String name) {
    if (Command.of("openssl", "version").attempt().status() != 0) {
      throw Tier.skip("openssl is not installed");
    }
    var ca = new TestCa(folder, name);
    ca.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30")
        .with("-keyout", ca.file(name, "key"), "-out", ca.file(name, "crt"))
        .with("-subj", "/CN=" + name)
        .run();
    return ca;
  }

  /** What verifiers are to trust. */
  public Path certificate() {
    return folder.resolve(name + ".crt");
  }

  /** A server's key and certificate for names and addresses, valid for 30 days. */
  public Identity issue(String... names) {
    return issue(30, names);
  }

  /** One that ran out yesterday. */
  public Identity issueExpired(String... names) {
    return issue(-1, names);
  }

  private Identity issue(int days, String... names) {
    String subject = names[0].replaceAll("[^A-Za-z0-9.-]", "_");
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + subject)
        .with("-keyout", file(subject, "key"), "-out", file(subject, "csr"))
        .run();
    String alternatives =
        Arrays.stream(names)
            .map(n -> (n.matches("[0-9.]+|.*:.*") ? "IP:" : "DNS:") + n)
            .collect(Collectors.joining(","));
    openssl("x509", "-req", "-days", Integer.toString(days), "-CAcreateserial")
        .with("-CA", file(name, "crt"), "-CAkey", file(name, "key"))
        .with("-in", file(subject, "csr"), "-out", file(subject, "crt"))
        .with("-extfile", "/dev/stdin")
        .withInput("subjectAltName=" + alternatives + "\n")
        .run();
    return new Identity(folder.resolve(subject + ".crt"), folder.resolve(subject + ".key"));
  }

  private Command openssl(String... words) {
    return Command.of("openssl").with(words);
  }

  private String file(String base, String extension) {
    return folder.resolve(base + "." + extension).toString();
  }

  /** A server's certificate and its key. */
  public record Identity(Path certificate, Path key) {
    /** The certificate's text. */
    public String certificatePem() {
      return text(certificate);
    }

    /** The key's text. */
    public String keyPem() {
      return text(key);
    }

    private static String text(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
