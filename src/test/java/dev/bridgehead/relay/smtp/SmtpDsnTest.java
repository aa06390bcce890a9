package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.DsnParameters.Return;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSN extension's parameters (RFC 3461), on the real server. */
class SmtpDsnTest {
  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** The submission of RFC 3461 §10.2, recipient by recipient. */
  @Test
  void keepsWhatTheRfcsExampleAsksFor() throws IOException {
    DsnParameters dsn =
        asked(
            "MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ314159",
            "RCPT TO:<Bob@Example.COM> NOTIFY=SUCCESS ORCPT=rfc822;Bob@Example.COM",
            "RCPT TO:<Carol@Ivory.EDU> NOTIFY=FAILURE ORCPT=rfc822;Carol@Ivory.EDU",
            "RCPT TO:<Dana@Ivory.EDU> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dana@Ivory.EDU",
            "RCPT TO:<Eric@Bombs.AF.MIL> NOTIFY=FAILURE ORCPT=rfc822;Eric@Bombs.AF.MIL",
            "RCPT TO:<Fred@Bombs.AF.MIL> NOTIFY=NEVER",
            "RCPT TO:<George@Tax-ME.GOV> NOTIFY=FAILURE ORCPT=rfc822;George@Tax-ME.GOV");

    assertThat(dsn)
        .isEqualTo(
            new DsnParameters(
                Return.HDRS,
                "QQ314159",
                List.of(
                    new ForRecipient(Set.of(Notify.SUCCESS), "rfc822;Bob@Example.COM"),
                    new ForRecipient(Set.of(Notify.FAILURE), "rfc822;Carol@Ivory.EDU"),
                    new ForRecipient(
                        Set.of(Notify.SUCCESS, Notify.FAILURE), "rfc822;Dana@Ivory.EDU"),
                    new ForRecipient(Set.of(Notify.FAILURE), "rfc822;Eric@Bombs.AF.MIL"),
                    new ForRecipient(Set.of(), null),
                    new ForRecipient(Set.of(Notify.FAILURE), "rfc822;George@Tax-ME.GOV"))));
  }

  @Test
  void asksForNothingWhereTheClientDoesNot() throws IOException {
    assertThat(asked("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"))
        .isEqualTo(DsnParameters.NONE);
  }

  @Test
  void takesKeywordsInAnyCase() throws IOException {
    assertThat(asked("MAIL FROM:<a@b.example> ret=full", "RCPT TO:<c@d.example> notify=delay"))
        .isEqualTo(
            new DsnParameters(
                Return.FULL, null, List.of(new ForRecipient(Set.of(Notify.DELAY), null))));
  }

  @Test
  void encodesAnInternationalOriginalRecipient() throws IOException {
    DsnParameters dsn =
        asked(
            "MAIL FROM:<a@b.example> SMTPUTF8",
            "RCPT TO:<c@d.example> ORCPT=utf-8;j\u00f6rg@x.example");
    assertThat(dsn.of(0).originalRecipient()).isEqualTo("utf-8;j\\x{F6}rg@x.example");
  }

  /** Postfix 3.7 sends it so for every recipient whose address is UTF-8. */
  @Test
  void mendsAnInternationalOriginalRecipientThatIsCalledRfc822() throws IOException {
    DsnParameters dsn =
        asked(
            "MAIL FROM:<a@b.example> SMTPUTF8",
            "RCPT TO:<c@d.example> ORCPT=rfc822;j+C3+B6rg+2B+F0+9F+93+A7@x.example");
    assertThat(dsn.of(0).originalRecipient())
        .isEqualTo("utf-8;j\\x{F6}rg\\x{2B}\\x{1F4E7}@x.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RET=BODY",
        "RET",
        "RET=FULL RET=HDRS",
        "ENVID",
        "ENVID=a+",
        "ENVID=a+4",
        "ENVID=a+4g",
        "ENVID=a+2b",
        "ENVID=a+0A",
        "ENVID=a+7F",
        "ENVID=a=b",
        "ENVID=1234567890123456789012345678901234567890123456789012345678901234567890"
            + "1234567890123456789012345678901"
      })
  void refusesAFaultyMail(String parameters) throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask("MAIL FROM:<a@b.example> " + parameters)).startsWith("501 5.5.4 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NOTIFY",
        "NOTIFY=ALWAYS",
        "NOTIFY=NEVER,FAILURE",
        "NOTIFY=SUCCESS,",
        "NOTIFY=,",
        "ORCPT",
        "ORCPT=a@b.example",
        "ORCPT=;a@b.example",
        "ORCPT=rfc822;",
        "ORCPT=rfc 822;a@b.example",
        "ORCPT=rfc822;a+0D+0Ab",
        "ORCPT=rfc822;a+3db",
        "ORCPT=rfc822;a+C3@x.example", // no UTF-8
        "ORCPT=rfc822;a+ED+A0+80@x.example", // half a pair of surrogates
        "ORCPT=rfc822;+C3+B6+0D+0Ab", // hides a line end
        "ORCPT=rfc822;+C2+85", // and so does NEL
        "ORCPT=utf-8;a+3Db",
        "ORCPT=utf-8;a\\x{110000}",
        "ORCPT=utf-8;j\u00f6rg@x.example"
      })
  void refusesAFaultyRcpt(String parameters) throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask("RCPT TO:<c@d.example> " + parameters))
          .startsWith("50")
          .contains("5.5.");
    }
  }

  @Test
  void refusesAnEndlessOriginalRecipient() throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask("RCPT TO:<c@d.example> ORCPT=rfc822;" + "x".repeat(500)))
          .startsWith("501 5.5.4 ");
    }
  }

  private DsnParameters asked(String... commands) throws IOException {
    try (RawClient client = server.session()) {
      for (String command : commands) {
        assertThat(client.ask(command)).startsWith("250 ");
      }
      assertThat(client.message("Subject: x\r\n\r\nhello")).startsWith("250 ");
    }
    return server.spool.only().message().envelope().dsn();
  }
}
