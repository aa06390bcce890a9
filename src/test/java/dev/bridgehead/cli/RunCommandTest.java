package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.Spools;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Starts that fail: one line that says what to do, and the exit code. */
class RunCommandTest {
  private final Path folder;
  private final Path manifest;

  RunCommandTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.manifest = folder.resolve("connector.yaml");
    write(1);
  }

  private void write(int port) throws IOException {
    Files.writeString(
        manifest,
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: quick}
        spec:
          routing: {mode: DNS}
          bridgeheads:
            - {name: edge, hostname: mail.example.com, replicas: 2, virtualServer: {port: %d}}
          postmaster: postmaster@example.com
          access: {allowedClients: [10.0.0.0/8]}
        """
            .formatted(port));
  }

  private record Ended(int code, String err) {}

  private static Ended run(String... args) {
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setErr(new PrintWriter(err)).setOut(new PrintWriter(new StringWriter()));
    return new Ended(command.execute(args), err.toString());
  }

  private Ended runWith(String... options) {
    String[] args = new String[options.length + 5];
    args[0] = "run";
    args[1] = "-f";
    args[2] = manifest.toString();
    args[3] = "--data";
    args[4] = folder.resolve("data").toString();
    System.arraycopy(options, 0, args, 5, options.length);
    return run(args);
  }

  private static void assertOneLine(Ended ended, int code, String... parts) {
    assertThat(ended.err()).contains(parts).hasLineCount(1).doesNotContain("\tat ", "Exception");
    assertThat(ended.code()).isEqualTo(code);
  }

  @Test
  void asksForAFile() {
    assertOneLine(run("run"), 2, "--filename", "see bridgehead run --help");
  }

  @Test
  void namesAMissingFile() {
    assertOneLine(run("run", "-f", "nix.yaml"), 2, "nix.yaml: no such file");
  }

  @Test
  void saysWhereYamlIsBroken() throws IOException {
    Files.writeString(manifest, "a: [");
    assertOneLine(runWith(), 2, "connector.yaml[1]: line 1", "not valid YAML");
  }

  @Test
  void refusesWhatValidateRefuses() throws IOException {
    Files.writeString(manifest, Files.readString(manifest).replace("mode: DNS", "mode: SmartHost"));
    assertOneLine(runWith(), 1, "connector.yaml[1]: spec.routing.smartHosts: Required value");
  }

  @Test
  void wantsExactlyOneConnector() throws IOException {
    Path second = folder.resolve("second.yaml");
    Files.writeString(second, Files.readString(manifest).replace("quick", "other"));
    assertOneLine(runWith("-f", second.toString()), 1, "second.yaml[1]: a second SmtpConnector");
  }

  @Test
  void namesTheBridgeheadsThereAre() {
    assertOneLine(runWith("--bridgehead", "nix"), 1, "no bridgehead \"nix\"", ": edge");
  }

  @Test
  void refusesAPortThatIsNone() {
    assertOneLine(runWith("--management-port", "65536"), 2, "--management-port: 65536");
    assertOneLine(runWith("--management-port", "x"), 2, "--management-port", "'x'");
    assertOneLine(runWith("--connect-to", "a:b"), 2, "--connect-to \"a:b\"");
  }

  @Test
  void saysWhichPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      write(taken.getLocalPort());
      assertOneLine(runWith(), 1, "port " + taken.getLocalPort(), "in use", "choose another");
    }
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertOneLine(
          runWith("--management-port", port), 1, "port " + port, "another with --management-port");
    }
  }

  @Test
  void saysWhoUsesTheFolder() throws IOException {
    Path spool = folder.resolve("data/spool");
    try (LogSpool other = LogSpool.open(spool, new LocalDisk(), Clock.systemUTC())) {
      assertThat(Spools.recovered(other)).isEmpty();
      assertOneLine(
          runWith(),
          1,
          "data/spool is in use by another relay (process " + ProcessHandle.current().pid() + ")");
    }
  }

  @Test
  void refusesAPodsFolderWhileItsSiblingsMayHaveMessagesOfIt() throws IOException {
    Path file = Files.createDirectories(folder.resolve("data/spool")).resolve("offered-to");
    Files.writeString(file, "internet-edge-0\ninternet-edge-1\n");
    assertOneLine(
        runWith(),
        1,
        "data/spool/offered-to: internet-edge-0, internet-edge-1 may have messages",
        "POD_NAME",
        "or remove that file",
        "docs/draining.md");
  }

  @Test
  void saysThatAFolderCanNotBeUsed() {
    assertOneLine(runWith("--data", manifest.toString()), 2, "--data"); // given twice
    assertOneLine(
        run("run", "-f", manifest.toString(), "--data", manifest.toString()),
        1,
        "cannot use " + manifest,
        "it is a file, not a folder");
  }

  @Test
  void namesAMissingConfigurationOfAPod() {
    assertOneLine(
        run("relay", "--config", folder.resolve("nix").toString(), "--data", folder.toString()),
        2,
        "nix/connector.yaml: no such file");
  }
}
