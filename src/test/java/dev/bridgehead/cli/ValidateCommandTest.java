package dev.bridgehead.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class ValidateCommandTest {
  private static final String GOOD =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet, namespace: mail}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
      """;
  private static final String SECRET =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: relay}\nstringData: {password: hunter2}\n";

  private final Path folder;

  ValidateCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  record Result(int exitCode, List<String> out, List<String> err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Result(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
  }

  private String file(String name, String... documents) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("---\n", documents)).toString();
  }

  @Test
  void saysNothingOfWhatIsValid() throws IOException {
    assertThat(run("validate", "-f", file("a.yaml", GOOD)))
        .isEqualTo(new Result(0, List.of(), List.of()));
  }

  @Test
  void printsWarningsAndAccepts() throws IOException {
    String file = file("a.yaml", GOOD.replace("replicas: 2", "replicas: 1"));

    assertThat(run("validate", "-f", file))
        .isEqualTo(
            new Result(
                0,
                List.of(
                    file
                        + "[1]: spec.bridgeheads[0].replicas: Warning: one replica; submissions fail"
                        + " while it restarts"),
                List.of()));
  }

  @Test
  void printsAllFaultsOfAllDocumentsAndNotesTheOthers() throws IOException {
    String a =
        file(
            "a.yaml",
            SECRET,
            GOOD.replace("mode: DNS", "mode: dns, colour: red").replace("edge", "Edge"),
            GOOD.replace("mail.example.com", "mail").replace("10.0.0.0/8", "0.0.0.0/0"));
    String b = file("b.yaml", GOOD.replace("  postmaster: postmaster@", "  postmaster: "));

    Result result = run("validate", "-f", a, "-f", b);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .containsExactly(
            a
                + "[2]: spec.routing.mode: Unsupported value: \"dns\": supported values: \"DNS\","
                + " \"SmartHost\"",
            a
                + "[2]: spec.routing.colour: Unknown field: the fields here are allowPrivateAddresses, mode, selection, smartHosts",
            a
                + "[2]: spec.bridgeheads[0].name: Invalid value: \"Edge\": spec.bridgeheads[0].name in"
                + " body should match '^[a-z0-9]{1,20}$'",
            a
                + "[3]: spec.bridgeheads[0].hostname: Invalid value: \"mail\": must be a fully"
                + " qualified domain name, such as smtp.example.net; this is a single label",
            a
                + "[3]: spec.access.allowedClients[0]: Invalid value: \"0.0.0.0/0\": must not be"
                + " everybody, an open relay: name the ranges of your clients",
            b
                + "[1]: spec.postmaster: Invalid value: \"example.com\": must be a mail address, such"
                + " as postmaster@example.com; it has no @");
    assertThat(result.err()).containsExactly(a + "[1]: skipped: Secret relay is no SmtpConnector");
  }

  @Test
  void theHighestExitCodeOfAllFilesWins() throws IOException {
    String good = file("good.yaml", GOOD);
    String bad = file("bad.yaml", GOOD.replace("mode: DNS", ""));
    String broken = file("broken.yaml", GOOD, "a: [\n", GOOD.replace("mode: DNS", ""));
    String missing = folder.resolve("missing.yaml").toString();

    assertThat(run("validate", "-f", bad, good).exitCode()).isEqualTo(1);
    Result result = run("validate", "-f", missing, bad, broken, good);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out())
        .containsExactly(
            bad + "[1]: spec.routing.mode: Required value",
            broken + "[3]: spec.routing.mode: Required value");
    assertThat(result.err())
        .hasSize(2)
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo(missing + ": no such file"),
            line -> assertThat(line).startsWith(broken + "[2]: line ").contains("not valid YAML"));
  }

  @Test
  void judgesKindsThatOnlyLookLikeOurs() throws IOException {
    String file =
        file(
            "a.yaml",
            "apiVersion: bridgehead.dev/v1\nkind: SMTPConnector\n",
            "metadata: {name: x}\n",
            GOOD.replace("dev/v1", "dev/v2"),
            "apiVersion: bridgehead.dev/v1\nkind: Bridgehead\nmetadata: {name: x}\n");

    Result result = run("validate", "-f", file);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .containsExactly(
            file
                + "[1]: kind: Unsupported value: \"SMTPConnector\": supported values: \"SmtpConnector\"",
            file + "[2]: kind: Required value",
            file
                + "[3]: apiVersion: Unsupported value: \"bridgehead.dev/v2\": supported values:"
                + " \"bridgehead.dev/v1\"");
    assertThat(result.err())
        .containsExactly(file + "[4]: skipped: Bridgehead x is no SmtpConnector");
  }

  @Test
  void judgesTheItemsOfAList() throws IOException {
    String list =
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": \"Secret\"},"
            + " {\"apiVersion\": \"bridgehead.dev/v1\", \"kind\": \"SmtpConnector\"}]}";
    String file = file("list.json", list);

    Result result = run("validate", "-f", file);

    assertThat(result.out())
        .containsExactly(
            file + "[1]: items[1].metadata.name: Required value",
            file + "[1]: items[1].spec: Required value");
    assertThat(result.err()).hasSize(1);
  }

  @Test
  void printsJson() throws IOException {
    String file =
        file("a.yaml", SECRET, GOOD.replace("mail.example.com", "mail").replace("2}", "1}"));

    Result result = run("validate", "-o", "json", "-f", file);

    JsonNode json = new ObjectMapper().readTree(String.join("\n", result.out()));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(json)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    [{"file": "%s", "document": 2, "kind": "SmtpConnector", "name": "internet",
                      "errors": [{"field": "spec.bridgeheads[0].hostname", "type": "Invalid value",
                        "message": "\\"mail\\": must be a fully qualified domain name, such as smtp.example.net; this is a single label"}],
                      "warnings": [{"field": "spec.bridgeheads[0].replicas",
                        "message": "one replica; submissions fail while it restarts"}]}]
                    """
                        .formatted(file)));
  }

  @Test
  @ResourceLock(Resources.SYSTEM_OUT)
  void readsStdin() {
    InputStream stdin = System.in;
    try {
      System.setIn(new ByteArrayInputStream(GOOD.replace("DNS", "SmartHost").getBytes(UTF_8)));

      Result result = run("validate", "-f", "-");

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out())
          .singleElement()
          .asString()
          .startsWith("-[1]: spec.routing.smartHosts: Required value");
    } finally {
      System.setIn(stdin);
    }
  }

  @Test
  void knowsTheClusterDomain() throws IOException {
    String file =
        file(
            "a.yaml",
            GOOD.replace(
                "mode: DNS",
                "mode: SmartHost, smartHosts: [{host: internet.mail.svc.k8s.example.org}]"));

    assertThat(run("validate", "-f", file).exitCode()).isZero();
    assertThat(run("validate", "--cluster-domain", "k8s.example.org", "-f", file).exitCode())
        .isEqualTo(1);
  }

  @Test
  void refusesWrongUsage() throws IOException {
    assertThat(run("validate").exitCode()).isEqualTo(2);
    assertThat(run("validate", "-f").exitCode()).isEqualTo(2);
    assertThat(run("validate", "-o", "xml", "-f", file("a.yaml", GOOD)).exitCode()).isEqualTo(2);
    assertThat(run("validate", "--cluster-domain", "-f", "a.yaml").exitCode()).isEqualTo(2);
  }

  @Test
  void staysOneLineForWhateverAFileHolds() throws IOException {
    String file =
        file(
            "a.yaml",
            GOOD.replace("mail.example.com", "\"a\\r\\nb\\x1b[31m\\u2028\"")
                .replace("spec:", "\"sp\\nec\": 1\nspec:"));

    assertThat(run("validate", "-f", file).out())
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).startsWith(file + "[1]: ").doesNotContain("\u001b", "\u2028"));
  }
}
