package dev.bridgehead.validation;

import dev.bridgehead.api.PodResources;
import dev.bridgehead.api.PodSettings;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a connector says about its pods: labels and annotations that Kubernetes takes and the
 * operator doesn't need for itself, and resources that a relay can live on.
 */
final class PodRules {
  /** What the operator and Kubernetes find pods by. */
  private static final Set<String> TAKEN =
      Set.of(
          "app.kubernetes.io/name",
          "app.kubernetes.io/component",
          "app.kubernetes.io/instance",
          "app.kubernetes.io/managed-by",
          "controller-revision-hash",
          "apps.kubernetes.io/pod-index",
          "statefulset.kubernetes.io/pod-name");

  private static final Pattern TAKEN_DOMAIN = Pattern.compile("(.*\\.)?bridgehead\\.dev/.*");

  /** k8s.io/apimachinery pkg/util/validation: a qualified name, and a label's value. */
  private static final Pattern PREFIX =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final int MAX_NAME = 63;
  private static final int MAX_PREFIX = 253;

  private static final BigDecimal LEAST_MEMORY = BigDecimal.valueOf(128L << 20);

  private PodRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    PodSettings pod = spec.podOrDefault();
    judgeLabels("spec.pod.labels", pod.labelsOrNone(), findings);
    judgeTaken("spec.pod.labels", pod.labelsOrNone(), findings);
    judgeKeys("spec.pod.annotations", pod.annotationsOrNone(), findings);
    judgeTaken("spec.pod.annotations", pod.annotationsOrNone(), findings);
    judgeLabels(
        "spec.pod.nodeSelector",
        pod.nodeSelector() == null ? Map.of() : pod.nodeSelector(),
        findings);
    if (pod.priorityClassName() != null
        && (pod.priorityClassName().length() > MAX_PREFIX
            || !PREFIX.matcher(pod.priorityClassName()).matches())) {
      findings.invalid(
          "spec.pod.priorityClassName",
          pod.priorityClassName(),
          "must be the name of a PriorityClass: lower-case letters, digits, hyphens and dots");
    }
    judgeResources(pod.resourcesOrDefault(), findings);
  }

  private static void judgeTaken(String field, Map<String, String> entries, Findings findings) {
    for (String key : new TreeMap<>(entries).keySet()) {
      if (TAKEN.contains(key) || TAKEN_DOMAIN.matcher(key).matches()) {
        findings.error(
            field, ErrorType.FORBIDDEN, Quoted.of(key) + " is the operator's; choose another key");
      }
    }
  }

  private static void judgeLabels(String field, Map<String, String> labels, Findings findings) {
    judgeKeys(field, labels, findings);
    for (String value : new TreeMap<>(labels).values()) {
      if (value != null && !value.isEmpty() && !isName(value)) {
        findings.invalid(
            field,
            value,
            "a label's value must be at most 63 letters, digits, and -_. between them, or empty");
      }
    }
  }

  private static void judgeKeys(String field, Map<String, String> entries, Findings findings) {
    for (String key : new TreeMap<>(entries).keySet()) {
      int slash = key.indexOf('/');
      boolean prefixed =
          slash < 0 || (slash <= MAX_PREFIX && PREFIX.matcher(key.substring(0, slash)).matches());
      if (!prefixed || !isName(key.substring(slash + 1))) {
        findings.invalid(
            field,
            key,
            "a key must be at most 63 letters, digits, and -_. between them, such as team or"
                + " example.com/team");
      }
    }
  }

  private static boolean isName(String text) {
    return text.length() <= MAX_NAME && NAME.matcher(text).matches();
  }

  private static void judgeResources(PodResources resources, Findings findings) {
    Map<String, Quantity> limits = new TreeMap<>(resources.limitsOrDefault());
    limits.forEach(
        (name, limit) -> {
          String field = "spec.pod.resources.limits." + printable(name);
          Optional<BigDecimal> most = number(limit);
          if (most.isEmpty()) {
            findings.invalid(field, text(limit), "must be a quantity, such as 500m or 512Mi");
          } else if (name.equals("memory") && most.get().compareTo(LEAST_MEMORY) < 0) {
            findings.invalid(
                field, text(limit), "must be at least 128Mi: an idle relay takes about 100Mi");
          }
        });
    new TreeMap<>(resources.requestsOrDefault())
        .forEach(
            (name, request) -> {
              String field = "spec.pod.resources.requests." + printable(name);
              Optional<BigDecimal> least = number(request);
              Optional<BigDecimal> most = number(limits.get(name));
              if (least.isEmpty()) {
                findings.invalid(field, text(request), "must be a quantity, such as 500m or 512Mi");
              } else if (most.isPresent() && least.get().compareTo(most.get()) > 0) {
                findings.invalid(
                    field,
                    text(request),
                    "must not be more than the limit, " + text(limits.get(name)));
              }
            });
  }

  private static Optional<BigDecimal> number(@Nullable Quantity quantity) {
    return quantity == null
        ? Optional.empty()
        : ByteSize.number(quantity).filter(number -> number.signum() >= 0);
  }

  private static String text(@Nullable Quantity quantity) {
    return quantity == null ? "null" : ByteSize.text(quantity);
  }

  /** A key of the user's, that must not break the line. */
  private static String printable(String key) {
    String quoted = Quoted.of(key);
    return quoted.equals('"' + key + '"') ? key : quoted;
  }
}
