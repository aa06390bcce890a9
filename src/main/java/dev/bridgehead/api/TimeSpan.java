package dev.bridgehead.api;

import java.time.Duration;

/**
 * Durations as users write them: one number and one unit, such as {@code 90s}, {@code 15m}, {@code
 * 2h}, {@code 5d}.
 */
public final class TimeSpan {
  /** The schema's pattern. */
  public static final String PATTERN = "^[1-9][0-9]{0,8}[smhd]$";

  /** The longest text that matches. */
  public static final int MAX_LENGTH = 10;

  private TimeSpan() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException where the text does not match {@link #PATTERN}
   */
  public static Duration parse(String text) {
    if (!text.matches(PATTERN)) {
      throw new IllegalArgumentException(
          "must be one number and one unit, such as 90s, 15m, 2h or 5d");
    }
    long amount = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(amount);
      case 'm' -> Duration.ofMinutes(amount);
      case 'h' -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
