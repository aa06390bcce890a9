package dev.bridgehead.validation;

import dev.bridgehead.api.Delivery;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.Storage;
import dev.bridgehead.api.TimeSpan;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Durations and sizes within what makes sense. */
final class LimitRules {
  private static final Duration MAX_RETRY = Duration.ofDays(1);
  private static final Duration MAX_EXPIRY = Duration.ofDays(30);
  private static final Duration MAX_DRAIN = Duration.ofDays(7);
  private static final long MIN_STORAGE = 16L << 20;

  private LimitRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    Delivery delivery = spec.deliveryOrDefault();
    List<String> intervals =
        delivery.retryIntervals() == null ? List.of() : delivery.retryIntervals();
    for (int i = 0; i < intervals.size(); i++) {
      judgeSpan(
          "spec.delivery.retryIntervals[" + i + "]", intervals.get(i), MAX_RETRY, "1d", findings);
    }
    judgeSpan("spec.delivery.expireAfter", delivery.expireAfter(), MAX_EXPIRY, "30d", findings);
    judgeSpan(
        "spec.delivery.delayNotificationAfter",
        delivery.delayNotificationAfter(),
        MAX_EXPIRY,
        "30d",
        findings);
    judgeStorage(spec.storageOrDefault(), findings);
    judgeSpan(
        "spec.deletion.timeout", spec.deletionOrDefault().timeout(), MAX_DRAIN, "7d", findings);
  }

  private static void judgeSpan(
      String field,
      @Nullable String text,
      Duration longest,
      String longestText,
      Findings findings) {
    if (text == null) {
      return;
    }
    try {
      if (TimeSpan.parse(text).compareTo(longest) > 0) {
        findings.invalid(field, text, "must be at most " + longestText);
      }
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, text, String.valueOf(refused.getMessage()));
    }
  }

  private static void judgeStorage(Storage storage, Findings findings) {
    if (storage.size() != null
        && ByteSize.octets(storage.size()).filter(o -> o >= MIN_STORAGE).isEmpty()) {
      findings.invalid(
          "spec.storage.size",
          ByteSize.text(storage.size()),
          "must be a quantity of at least 16Mi");
    }
  }
}
