package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * Makes queue ids: nine characters of time (milliseconds, 45 bits, good until the year 3084) and
 * seven of chance (35 bits), both in Crockford's base 32, whose order is that of ASCII. Two pods
 * that accept a message in the same millisecond collide once in 3·10¹⁰; within a spool the file's
 * creation refuses a second one.
 */
final class QueueIds {
  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

  private final Clock clock;
  private final RandomGenerator random;

  QueueIds(Clock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  QueueId next() {
    return next(clock.millis());
  }

  /** Of a message that arrived then, in milliseconds since 1970. */
  QueueId next(long arrived) {
    char[] id = new char[16];
    write(arrived, id, 0, 9);
    write(random.nextLong(), id, 9, 7);
    return new QueueId(new String(id));
  }

  private static void write(long value, char[] into, int from, int digits) {
    long rest = value;
    for (int i = from + digits - 1; i >= from; i--) {
      into[i] = DIGITS[(int) (rest & 31)];
      rest >>>= 5;
    }
  }
}
