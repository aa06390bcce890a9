package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.PostfixServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each command in each state, to this server and to a real Postfix: the class of the code and of
 * the enhanced code are the same, but for the deviations listed here, each with its reason.
 */
@Tag("tier3")
class RepliesBesidePostfixIT {
  private static final Pattern REPLY =
      Pattern.compile("(?s)(?:[0-9]{3}-.*\n)?([2345])[0-9]{2} (?:([245])\\.[0-9]+\\.[0-9]+ )?.*");

  /** What brings a session into a state. */
  private static final Map<String, List<String>> STATES = new LinkedHashMap<>();

  static {
    List<String> rcpt =
        List.of("EHLO client.example", "MAIL FROM:<a@client.example>", "RCPT TO:<b@example.org>");
    STATES.put("fresh", List.of());
    STATES.put("EHLO", rcpt.subList(0, 1));
    STATES.put("HELO", List.of("HELO client.example"));
    STATES.put("MAIL", rcpt.subList(0, 2));
    STATES.put("RCPT", rcpt);
    STATES.put("RCPT refused", List.of(rcpt.get(0), rcpt.get(1), "RCPT TO:<@>"));
    STATES.put("DATA refused", List.of(rcpt.get(0), rcpt.get(1), "DATA"));
    STATES.put("RSET", and(rcpt, "RSET"));
    STATES.put("BDAT", and(rcpt, "BDAT 3\r\na"));
    STATES.put("BDAT refused", List.of(rcpt.get(0), rcpt.get(1), "BDAT 3\r\na"));
    STATES.put("message", and(rcpt, "DATA", "Subject: x\r\n\r\nx\r\n."));
    STATES.put("message in chunks", and(rcpt, "BDAT 17 LAST\r\nSubject: x\r\n\r\nx"));
  }

  private static final List<String> COMMANDS =
      List.of(
          "EHLO client.example",
          "EHLO",
          "HELO client.example",
          "HELO",
          "MAIL FROM:<a@client.example>",
          "MAIL FROM:<>",
          "MAIL FROM: <a@client.example>",
          "MAIL FROM:<a@client.example> SIZE=1000",
          "MAIL FROM:<a@client.example> SIZE=x",
          "MAIL FROM:<a@client.example> BODY=8BITMIME",
          "MAIL FROM:<a@client.example> BODY=BINARYMIME",
          "MAIL FROM:<a@client.example> RET=HDRS ENVID=x",
          "MAIL FROM:<a@client.example> RET=x",
          "MAIL FROM:<a@client.example> AUTH=<>",
          "MAIL FROM:<a@client.example> X-UNKNOWN=1",
          "MAIL FROM:<@x.example:a@client.example>",
          "MAIL FROM:<a@client.example",
          "MAIL FROM:a b",
          "MAIL",
          "RCPT TO:<c@example.org>",
          "RCPT TO:<c@example.org> NOTIFY=NEVER",
          "RCPT TO:<c@example.org> NOTIFY=x",
          "RCPT TO:<c@example.org> X-UNKNOWN=1",
          "RCPT TO:<\"c d\"@example.org>",
          "RCPT TO:<c@[192.0.2.1]>",
          "RCPT TO:<>",
          "RCPT TO:<c d@example.org>",
          "RCPT",
          "DATA",
          "DATA x",
          "BDAT 3\r\na",
          "BDAT 3 LAST\r\na",
          "BDAT x",
          "BDAT",
          "RSET",
          "RSET x",
          "NOOP",
          "NOOP x y",
          "VRFY a@example.org",
          "VRFY",
          "EXPN list",
          "HELP",
          "HELP MAIL",
          "ETRN example.org",
          "STARTTLS",
          "AUTH PLAIN AGEAYg==",
          "TURN",
          "SEND FROM:<a@client.example>",
          "FOO",
          "",
          "GET / HTTP/1.1",
          "QUIT",
          "QUIT x");

  /**
   * Where this server means to answer otherwise.
   *
   * @param classes ours, and Postfix's
   */
  private record Deviation(String command, String classes, String reason) {}

  private static final List<Deviation> DEVIATIONS =
      List.of(
          new Deviation(
              "MAIL FROM:<.*",
              "5 5.x.x for 2 2.x.x, fresh",
              "a session begins with EHLO or HELO (RFC 5321 section 4.1.4); Postfix does not insist"),
          new Deviation(
              "MAIL FROM: <.*",
              "5 5.x.x for 2 2.x.x, fresh",
              "a session begins with EHLO or HELO (RFC 5321 section 4.1.4); Postfix does not insist"),
          new Deviation(
              "MAIL FROM:<@x.example:.*",
              "5 5.x.x for 2 2.x.x, .*",
              "source routes are refused (RFC 5321 section 3.6.1 lets a server do so)"),
          new Deviation(
              "MAIL FROM:.* AUTH=<>",
              "5 5.x.x for 2 2.x.x, .*",
              "AUTH is not offered here, so its parameter is unknown (RFC 5321 section 4.1.1.11)"),
          new Deviation(
              "HELP.*", "2 2.x.x for 5 5.x.x, .*", "RFC 5321 section 4.1.1.8 asks for HELP"),
          new Deviation(
              "QUIT x", "5 5.x.x for 2 2.x.x, .*", "QUIT has no argument (section 4.1.1.10)"),
          new Deviation("ETRN .*", "5 5.x.x for [45], .*", "ETRN is not offered (RFC 1985)"),
          new Deviation(
              "GET .*",
              "4 4.x.x for 2 2.x.x, .*",
              "both end the session; 421 is the code for that (RFC 5321 section 3.8)"));

  private static PostfixServer postfix;
  private static ServerUnderTest ours;

  @BeforeAll
  static void start() throws IOException {
    postfix = PostfixServer.setup().start();
    ours = ServerUnderTest.start();
  }

  @AfterAll
  static void stop() {
    if (postfix != null) { // else it can't run here, and all of this is skipped
      postfix.close();
      ours.close();
    }
  }

  private static List<String> and(List<String> some, String... more) {
    return Stream.concat(some.stream(), List.of(more).stream()).toList();
  }

  @Test
  void repliesAreOfThoseClassesThatPostfixGives() throws IOException {
    List<String> unmeant = new ArrayList<>();
    Set<Deviation> seen = new HashSet<>();
    for (Map.Entry<String, List<String>> state : STATES.entrySet()) {
      for (String command : COMMANDS) {
        String mine = classes(reply(ours.port(), state.getValue(), command));
        String theirs = classes(reply(postfix.port(), state.getValue(), command));
        if (!mine.equals(theirs)) {
          String classes = mine + " for " + theirs + ", " + state.getKey();
          List<Deviation> meant =
              DEVIATIONS.stream()
                  .filter(it -> command.matches(it.command()) && classes.matches(it.classes()))
                  .toList();
          seen.addAll(meant);
          if (meant.isEmpty()) {
            unmeant.add(command.replace("\r\n", " / ") + ": " + classes);
          }
        }
      }
    }
    assertThat(unmeant).isEmpty();
    assertThat(seen).as("deviations that there are").containsAll(DEVIATIONS);
  }

  private static String reply(int port, List<String> before, String command) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.reply();
      for (String each : before) {
        client.ask(each);
      }
      return client.ask(command);
    }
  }

  /** Of the code, and of the enhanced code where there is one. */
  private static String classes(String reply) {
    Matcher matcher = REPLY.matcher(reply);
    if (!matcher.matches()) {
      return "closed";
    }
    return matcher.group(1) + (matcher.group(2) == null ? "" : " " + matcher.group(2) + ".x.x");
  }
}
