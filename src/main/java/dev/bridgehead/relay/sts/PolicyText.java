package dev.bridgehead.relay.sts;

import dev.bridgehead.relay.routing.HostNames;
import dev.bridgehead.relay.sts.PolicyFailure.Reason;
import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads policies (RFC 8461 §3.2), and writes them. Blanks at the end of a line and empty lines are
 * passed over, since they are common; of a field that must not be there twice the first counts.
 * Whatever else is wrong makes it no policy: what is half understood must not decide about mail.
 */
final class PolicyText {
  /** Octets of a policy (RFC 8461 §3.3). */
  static final int MOST_OCTETS = 64 << 10;

  static final int MOST_MX = 100;
  private static final int LONGEST_LINE = 1024;

  /** A host's name is no longer (RFC 1035 §2.3.4). */
  private static final int LONGEST_NAME = 253;

  /** RFC 8461 §3.2: a year. */
  private static final long LONGEST_AGE = 31_557_600;

  private static final Pattern FIELD =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*([^ \t\\p{Cntrl}][^\\p{Cntrl}]*)");

  private @Nullable String version;
  private @Nullable Mode mode;
  private @Nullable Duration maxAge;
  private final List<String> mx = new ArrayList<>();

  private PolicyText() {}

  /**
   * @throws PolicyFailure with the line and what is wrong with it
   */
  static StsPolicy read(byte[] octets) throws PolicyFailure {
    if (octets.length > MOST_OCTETS) {
      throw invalid("it is longer than " + MOST_OCTETS + " octets");
    }
    return new PolicyText().lines(decoded(octets));
  }

  private static String decoded(byte[] octets) throws PolicyFailure {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      throw invalid("it is not UTF-8");
    }
  }

  private StsPolicy lines(String text) throws PolicyFailure {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].length() > LONGEST_LINE) {
        throw invalid("line %d is longer than %d characters".formatted(i + 1, LONGEST_LINE));
      }
      String line = withoutEnd(lines[i]);
      if (!line.isEmpty()) {
        Optional<String> fault = field(line);
        if (fault.isPresent()) {
          throw invalid("line %d %s".formatted(i + 1, fault.get()));
        }
      }
    }
    return policy();
  }

  private static String withoutEnd(String line) {
    String plain = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    int end = plain.length();
    while (end > 0 && (plain.charAt(end - 1) == ' ' || plain.charAt(end - 1) == '\t')) {
      end--;
    }
    return plain.substring(0, end);
  }

  /** What is wrong with a line, empty where it was taken. */
  private Optional<String> field(String line) {
    Matcher field = FIELD.matcher(line);
    if (!field.matches()) {
      return Optional.of("is no field, such as \"mx: mail.example.com\"");
    }
    String value = field.group(2);
    return switch (field.group(1)) {
      case "version" -> version(value);
      case "mode" -> mode(value);
      case "max_age" -> maxAge(value);
      case "mx" -> mx(value);
      default -> Optional.empty(); // RFC 8461 §3.2: unknown fields are ignored
    };
  }

  private Optional<String> version(String value) {
    version = version == null ? value : version;
    return version.equals("STSv1")
        ? Optional.empty()
        : Optional.of("has another version than STSv1");
  }

  private Optional<String> mode(String value) {
    if (mode != null) {
      return Optional.empty();
    }
    mode =
        Arrays.stream(Mode.values()).filter(it -> it.text().equals(value)).findFirst().orElse(null);
    return mode == null
        ? Optional.of("has a mode that is none of enforce, testing and none")
        : Optional.empty();
  }

  private Optional<String> maxAge(String value) {
    if (maxAge != null) {
      return Optional.empty();
    }
    if (!value.matches("[0-9]{1,10}") || Long.parseLong(value) > LONGEST_AGE) {
      return Optional.of("has a max_age that is no number of seconds from 0 to " + LONGEST_AGE);
    }
    maxAge = Duration.ofSeconds(Long.parseLong(value));
    return Optional.empty();
  }

  private Optional<String> mx(String value) {
    if (mx.size() == MOST_MX) {
      return Optional.of("is one mx too many: " + MOST_MX + " are read");
    }
    String lower = value.toLowerCase(Locale.ROOT);
    String pattern = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    String name = pattern.startsWith("*.") ? pattern.substring(2) : pattern;
    if (name.length() > LONGEST_NAME || HostNames.fault(name).isPresent()) {
      return Optional.of("has an mx that is no host's name, nor \"*.\" before one");
    }
    mx.add(pattern);
    return Optional.empty();
  }

  private StsPolicy policy() throws PolicyFailure {
    if (version == null) {
      throw invalid("it has no version");
    }
    if (mode == null) {
      throw invalid("it has no mode");
    }
    if (maxAge == null) {
      throw invalid("it has no max_age");
    }
    if (mx.isEmpty() && mode != Mode.NONE) {
      throw invalid("it has mode " + mode.text() + " and no mx");
    }
    return new StsPolicy(mode, mx, maxAge);
  }

  private static PolicyFailure invalid(String text) {
    return new PolicyFailure(Reason.INVALID, text);
  }

  /** As it would be published, a line a field. */
  static String write(StsPolicy policy) {
    return "version: STSv1\nmode: %s\n%smax_age: %d\n"
        .formatted(
            policy.mode().text(),
            policy.mx().stream().map(it -> "mx: " + it + "\n").collect(Collectors.joining()),
            policy.maxAge().toSeconds());
  }
}
