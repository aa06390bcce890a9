package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Reply;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a peer says it can do (RFC 5321 §4.1.1.1).
 *
 * @param keywords in upper case, each with its parameters in upper case
 */
record Capabilities(Map<String, List<String>> keywords) {
  static final Capabilities NONE = new Capabilities(Map.of());

  Capabilities {
    keywords = Map.copyOf(keywords);
  }

  /** Reads the reply to EHLO: its first line only names the peer. */
  static Capabilities of(Reply reply) {
    Map<String, List<String>> keywords = new HashMap<>();
    for (String line : reply.lines().subList(1, reply.lines().size())) {
      // Some servers write "AUTH=LOGIN", a form older than RFC 2554.
      String[] words = line.strip().toUpperCase(Locale.ROOT).replace("AUTH=", "AUTH ").split(" +");
      keywords.merge(
          words[0],
          List.of(words).subList(1, words.length),
          (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
    }
    return new Capabilities(keywords);
  }

  private boolean has(String keyword) {
    return keywords.containsKey(keyword);
  }

  boolean startTls() {
    return has("STARTTLS");
  }

  boolean pipelining() {
    return has("PIPELINING");
  }

  Capabilities withoutPipelining() {
    Map<String, List<String>> others = new HashMap<>(keywords);
    others.remove("PIPELINING");
    return new Capabilities(others);
  }

  boolean eightBitMime() {
    return has("8BITMIME");
  }

  boolean smtpUtf8() {
    return has("SMTPUTF8");
  }

  boolean dsn() {
    return has("DSN");
  }

  boolean requireTls() {
    return has("REQUIRETLS");
  }

  boolean size() {
    return has("SIZE");
  }

  /** The largest message it takes, in octets; empty where it names no limit (RFC 1870 §3). */
  OptionalLong sizeLimit() {
    List<String> parameters = keywords.getOrDefault("SIZE", List.of());
    if (parameters.isEmpty() || !parameters.getFirst().matches("[0-9]{1,18}")) {
      return OptionalLong.empty();
    }
    long limit = Long.parseLong(parameters.getFirst());
    return limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  Set<String> mechanisms() {
    return new HashSet<>(keywords.getOrDefault("AUTH", List.of()));
  }
}
