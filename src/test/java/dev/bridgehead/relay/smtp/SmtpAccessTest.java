package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may send what to whom: facts of the open-relay matrix. */
class SmtpAccessTest {
  private static final MailAddress POSTMASTER = new MailAddress("post", "example.net");

  private static String rcpt(RelayConfig config, String path) throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(config);
        RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      return client.ask("RCPT TO:" + path);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<u@other.example>", "<u%other.example@carried.example>",
            "<other.example!u@carried.example>",
        "<\"u@other.example\"@carried.example>", "<u@carried.example>", "<u@[127.0.0.1]>",
        "<u@sub.mail.example.com>", "<other@mail.example.com>", "<postmaster@other.example>"
      })
  void aClientThatMayNotRelayReachesNobody(String path) throws IOException {
    assertThat(rcpt(ServerUnderTest.config(false, POSTMASTER, "*"), path))
        .isEqualTo("550 5.7.1 relaying denied: [127.0.0.1] may not send through this server");
  }

  /** RFC 2505, RFC 5321 section 3.6 and appendix C: every path, from every sender. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<>",
        "<a@b.example>",
        "<postmaster@mail.example.com>",
        "<u@carried.example>",
        "<u@mail.example.com>",
        "<u@[127.0.0.1]>"
      })
  @DisplayName("case 16: no sender and no way to write a recipient makes an open relay")
  void noSenderOpensTheRelay(String sender) throws IOException {
    String[] paths = {
      "<u@other.example>",
      "<u%other.example@carried.example>",
      "<u%other.example@mail.example.com>",
      "<other.example!u@carried.example>",
      "<other.example!u@mail.example.com>",
      "<\"u@other.example\"@carried.example>",
      "<\"u%other.example\"@mail.example.com>",
      "<u@other.example@carried.example>",
      "<@carried.example:u@other.example>",
      "<@carried.example,@mail.example.com:u@other.example>",
      "<u@[127.0.0.1]>",
      "<u@[IPv6:::1]>",
      "<u%other.example@[127.0.0.1]>",
      "<u@localhost>",
      "<u@sub.mail.example.com>",
      "<u@carried.example.>",
      "<u@CARRIED.EXAMPLE>",
      "<\"\"@other.example>",
      "<postmaster@other.example>",
      "<postmaster%other.example@other.example>",
      "<u@other.example",
      "u@other.example",
      "<u>",
      "<>"
    };
    try (ServerUnderTest server =
        ServerUnderTest.start(ServerUnderTest.config(false, POSTMASTER, "carried.example"))) {
      for (String path : paths) {
        try (RawClient client = server.session()) {
          assertThat(client.ask("MAIL FROM:" + sender)).startsWith("250");
          assertThat(client.ask("RCPT TO:" + path)).as(path).startsWith("5");
          assertThat(client.ask("DATA")).startsWith("554 5.5.1");
          assertThat(client.ask("BDAT 0 LAST")).startsWith("554 5.5.1");
        }
      }
    }
  }

  @Test
  void aSourceRouteIsNoWayAround() throws IOException {
    assertThat(
            rcpt(ServerUnderTest.config(false, POSTMASTER, "*"), "<@mail.example.com:u@x.example>"))
        .isEqualTo("501 5.1.3 source routes are not accepted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<postmaster>", "<PostMaster>", "<Postmaster@MAIL.example.com>"})
  void anyoneReachesThePostmaster(String path) throws IOException {
    try (ServerUnderTest server =
            ServerUnderTest.start(ServerUnderTest.config(false, POSTMASTER, "carried.example"));
        RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask("RCPT TO:" + path)).startsWith("250 2.1.5");
      client.message("Subject: help\r\n\r\nx");
      assertThat(server.spool.only().message().envelope().recipients()).containsExactly(POSTMASTER);
      assertThat(server.spool.only().text()).doesNotContain("Message-ID");
    }
  }

  @Test
  void withoutAPostmasterItIsLater() throws IOException {
    assertThat(rcpt(ServerUnderTest.config(true, null, "*"), "<postmaster>"))
        .startsWith("450 4.3.5");
  }

  @Test
  void saysWhichDomainIsNotCarried() throws IOException {
    RelayConfig config = ServerUnderTest.config(true, null, "*.carried.example");
    assertThat(rcpt(config, "<u@a.carried.example>")).startsWith("250");
    assertThat(rcpt(config, "<u%x@carried.example>")).startsWith("250");
    assertThat(rcpt(config, "<u@Bücher.example>")).startsWith("553 5.6.7");
    assertThat(rcpt(config, "<u@notcarried.example>"))
        .isEqualTo(
            "550 5.7.1 relaying denied: notcarried.example is not in the address spaces of"
                + " connector internet");
  }

  @Test
  void aChangedConfigurationCountsFromTheNextCommandOn() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.transaction()) {
      server.config.set(ServerUnderTest.config(false, null, "*"));
      assertThat(client.ask("RCPT TO:<c@example.org>")).startsWith("550 5.7.1");
    }
  }
}
