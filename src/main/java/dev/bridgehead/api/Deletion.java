package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What deleting the connector does with queued mail.
 *
 * @param policy Drain when null
 * @param timeout 1h when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Deletion(
    @JsonPropertyDescription(
            "Drain: deliver what is queued first; at the timeout as Retain. Retain: stop at once and keep volumes with mail. Default: Drain.")
        @Nullable DeletionPolicy policy,
    @Pattern(TimeSpan.PATTERN)
        @Size(max = TimeSpan.MAX_LENGTH)
        @JsonPropertyDescription("How long Drain waits, up to 7d. Default: 1h.")
        @Nullable String timeout) {
  /** What an absent {@code deletion} means. */
  public static final Deletion DEFAULT = new Deletion(null, null);

  public DeletionPolicy policyOrDefault() {
    return policy == null ? DeletionPolicy.DRAIN : policy;
  }

  public Duration timeoutOrDefault() {
    return timeout == null ? Duration.ofHours(1) : TimeSpan.parse(timeout);
  }
}
