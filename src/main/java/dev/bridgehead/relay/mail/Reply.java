package dev.bridgehead.relay.mail;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply of an SMTP server (RFC 5321 §4.2).
 *
 * @param code 200-599
 * @param status the enhanced status code, null where the server sent none
 * @param lines the text, one element a line, without code, without control characters; at least one
 */
public record Reply(int code, @Nullable EnhancedStatus status, List<String> lines) {
  public Reply {
    if (code < 200 || code > 599 || lines.isEmpty()) {
      throw new IllegalArgumentException("not a reply: " + code);
    }
    lines = List.copyOf(lines);
  }

  /** 2xx. */
  public boolean positive() {
    return code < 300;
  }

  /** 4xx. */
  public boolean transientFailure() {
    return code >= 400 && code < 500;
  }

  /** 5xx. */
  public boolean permanentFailure() {
    return code >= 500;
  }

  /** One line: code, enhanced status, text. */
  @Override
  public String toString() {
    return code + (status == null ? " " : " " + status + " ") + String.join(" ", lines);
  }
}
