package dev.bridgehead.relay.mail;

import java.util.regex.Pattern;

/**
 * The name of a message from acceptance to its last outcome: in replies, logs, files and notices.
 *
 * @param value 12 to 40 characters of {@code [A-Z0-9]}, unique in a spool and sortable by time of
 *     arrival
 */
public record QueueId(String value) implements Comparable<QueueId> {
  private static final Pattern FORM = Pattern.compile("[A-Z0-9]{12,40}");

  public QueueId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a queue id");
    }
  }

  @Override
  public int compareTo(QueueId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
