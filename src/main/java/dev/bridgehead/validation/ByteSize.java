package dev.bridgehead.validation;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The octets that a Kubernetes quantity stands for. {@link Quantity} itself computes with whatever
 * exponent it is given, for minutes; here a number past what a long holds is cut to its end.
 */
final class ByteSize {
  /** Longest text read; the API server's own canonical form is far shorter. */
  private static final int MAX_INPUT = 64;

  private static final Pattern QUANTITY =
      Pattern.compile("([+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+|)");
  private static final Map<String, Integer> BINARY =
      Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60);
  private static final Map<String, Integer> DECIMAL =
      Map.of("n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);

  private ByteSize() {}

  /** As a message shows it. */
  static String text(Quantity quantity) {
    String amount = quantity.getAmount() == null ? "" : quantity.getAmount();
    return quantity.getFormat() == null ? amount : amount + quantity.getFormat();
  }

  /** Octets, rounded down; empty where it is no quantity. */
  static Optional<Long> octets(Quantity quantity) {
    return number(quantity).map(ByteSize::clamp);
  }

  /** The number itself, of octets, CPUs or whatever is counted; empty where it is no quantity. */
  static Optional<BigDecimal> number(Quantity quantity) {
    String text = text(quantity);
    if (text.length() > MAX_INPUT) {
      return Optional.empty();
    }
    Matcher parts = QUANTITY.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(parts.group(1));
    String suffix = parts.group(2);
    if (BINARY.containsKey(suffix)) {
      return Optional.of(number.multiply(BigDecimal.valueOf(1L << BINARY.get(suffix))));
    }
    int power = DECIMAL.containsKey(suffix) ? DECIMAL.get(suffix) : exponent(suffix);
    return Optional.of(number.scaleByPowerOfTen(power));
  }

  private static int exponent(String suffix) {
    // Cut to a range in which every number of 64 digits has left the longs on either side.
    BigDecimal written = new BigDecimal(suffix.substring(1));
    return written.max(BigDecimal.valueOf(-200)).min(BigDecimal.valueOf(200)).intValue();
  }

  private static long clamp(BigDecimal number) {
    BigDecimal whole = number.setScale(0, RoundingMode.FLOOR);
    return whole
        .max(BigDecimal.valueOf(Long.MIN_VALUE))
        .min(BigDecimal.valueOf(Long.MAX_VALUE))
        .longValue();
  }
}
