package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When delivery is tried again, for how long, and how hard a destination is pressed.
 *
 * @param retryIntervals up to 32; [1m, 5m, 15m, 1h] when null; the last one repeats
 * @param expireAfter 5d when null
 * @param delayNotificationAfter 4h when null
 * @param maxConnectionsPerDestination 20 when null; 1 to 200
 * @param maxMessagesPerMinutePerDestination no limit when null; 1 to 1,000,000
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
        @Nullable String expireAfter,
    @Pattern(TimeSpan.PATTERN)
        @Size(max = TimeSpan.MAX_LENGTH)
        @JsonPropertyDescription(
            "How long after its arrival the sender of a message that is still queued is told so, once; up to 30d. Beyond expireAfter: never. Default: 4h.")
        @Nullable String delayNotificationAfter,
    @Min(1)
        @Max(200)
        @JsonPropertyDescription(
            "Deliveries that a pod makes to one destination at a time: a domain, or all smart hosts together. A pod makes 200 in all. Default: 20.")
        @Nullable Integer maxConnectionsPerDestination,
    @Min(1)
        @Max(1_000_000)
        @JsonPropertyDescription(
            "Messages that a bridgehead sends to one destination in a minute, shared out over its replicas. Absent: no limit.")
        @Nullable Integer maxMessagesPerMinutePerDestination) {
  /** What an absent {@code delivery} means. */
  public static final Delivery DEFAULT = new Delivery(null, null, null, null, null);

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

  public Duration delayNotificationAfterOrDefault() {
    return delayNotificationAfter == null
        ? Duration.ofHours(4)
        : TimeSpan.parse(delayNotificationAfter);
  }

  public int maxConnectionsPerDestinationOrDefault() {
    return maxConnectionsPerDestination == null ? 20 : maxConnectionsPerDestination;
  }
}
