package dev.bridgehead.relay.mail;

/**
 * The name of a message from acceptance to its last outcome: in replies, logs, files and notices.
 * Sorts by time of arrival, as its text does. Kept as two numbers: 32 octets of memory instead of
 * 72, and a backlog has a million of them.
 */
public final class QueueId implements Comparable<QueueId> {
  private static final int SHORTEST = 12;
  private static final int LONGEST = 24;
  private static final int BASE = 37; // 0 is the end, so that a shorter text sorts first

  private final long first;
  private final long second;

  /**
   * @param value 12 to 24 characters of {@code [A-Z0-9]}, unique in a spool
   * @throws IllegalArgumentException where it is none
   */
  public QueueId(String value) {
    if (value.length() < SHORTEST || value.length() > LONGEST) {
      throw new IllegalArgumentException("not a queue id");
    }
    this.first = packed(value, 0);
    this.second = packed(value, LONGEST / 2);
  }

  /** Whether a text is one. */
  public static boolean isOne(String text) {
    return text.matches("[A-Z0-9]{12,24}");
  }

  /** Twelve characters: 37¹² fits in 63 bits. */
  private static long packed(String text, int from) {
    long number = 0;
    for (int i = from; i < from + LONGEST / 2; i++) {
      number = number * BASE + (i < text.length() ? digit(text.charAt(i)) : 0);
    }
    return number;
  }

  private static int digit(char character) {
    if (character >= '0' && character <= '9') {
      return character - '0' + 1;
    }
    if (character >= 'A' && character <= 'Z') {
      return character - 'A' + 11;
    }
    throw new IllegalArgumentException("not a queue id");
  }

  private static void unpack(long number, char[] into, int from) {
    long rest = number;
    for (int i = from + LONGEST / 2 - 1; i >= from; i--) {
      int digit = (int) (rest % BASE);
      into[i] = (char) (digit == 0 ? 0 : digit < 11 ? '0' + digit - 1 : 'A' + digit - 11);
      rest /= BASE;
    }
  }

  /** The text. */
  public String value() {
    char[] text = new char[LONGEST];
    unpack(first, text, 0);
    unpack(second, text, LONGEST / 2);
    int length = LONGEST;
    while (text[length - 1] == 0) {
      length--;
    }
    return new String(text, 0, length);
  }

  @Override
  public int compareTo(QueueId other) {
    int order = Long.compare(first, other.first);
    return order != 0 ? order : Long.compare(second, other.second);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof QueueId id && id.first == first && id.second == second;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first * 31 + second);
  }

  @Override
  public String toString() {
    return value();
  }
}
