package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When delivery is tried again, and for how long.
 *
 * @param retryIntervals up to 32; [1m, 5m, 15m, 1h] when null; the last one repeats
 * @param expireAfter 5d when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Delivery(
    @Size(min = 1, max = 32)
        @JsonPropertyDescription(
            "Waits between attempts, such as [1m, 5m, 15m, 1h], which is the default. Each up to 1d; the last one repeats until expiry.")
        @Nullable List<@Pattern(TimeSpan.PATTERN) @Size(max = TimeSpan.MAX_LENGTH) String>
            retryIntervals,
    @Pattern(TimeSpan.PATTERN)
        @Size(max = TimeSpan.MAX_LENGTH)
        @JsonPropertyDescription(
            "How long after its arrival a message is returned to its sender, up to 30d. Default: 5d.")
        @Nullable String expireAfter) {
  /** What an absent {@code delivery} means. */
  public static final Delivery DEFAULT = new Delivery(null, null);

  public List<Duration> retryIntervalsOrDefault() {
    return retryIntervals == null
        ? List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1))
        : retryIntervals.stream().map(TimeSpan::parse).toList();
  }

  public Duration expireAfterOrDefault() {
    return expireAfter == null ? Duration.ofDays(5) : TimeSpan.parse(expireAfter);
  }
}
