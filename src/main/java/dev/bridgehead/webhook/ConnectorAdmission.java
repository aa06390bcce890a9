package dev.bridgehead.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.bridgehead.api.ApiGroup;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.validation.ConnectorRules;
import dev.bridgehead.validation.ErrorType;
import dev.bridgehead.validation.Facts;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.FieldWarning;
import dev.bridgehead.validation.Verdict;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionResponse;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionResponseBuilder;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges one connector that someone wants stored. A refusal looks as the API server's own: every
 * fault at once in the message and as {@code causes}, so that {@code kubectl} prints one line for
 * each.
 */
final class ConnectorAdmission {
  private static final String KIND = "SmtpConnector";

  /**
   * What a connector of an unnamed object would be called: the API server appends five characters
   * to {@code generateName}.
   */
  private static final String GENERATED = "xxxxx";

  private static final int UNPROCESSABLE = 422;

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final String clusterDomain;
  private final ServiceAddresses addresses;

  ConnectorAdmission(String clusterDomain, ServiceAddresses addresses) {
    this.clusterDomain = clusterDomain;
    this.addresses = addresses;
  }

  /**
   * Judges the object of a CREATE or UPDATE; anything else passes.
   *
   * @param request the {@code request} of an AdmissionReview
   */
  AdmissionResponse judge(JsonNode request) {
    JsonNode object = request.path("object");
    if (!object.path("kind").asText().equals(KIND) || passesUnseen(request, object)) {
      return new AdmissionResponseBuilder().withAllowed(true).build();
    }
    String name = name(object.path("metadata"));
    Verdict verdict = verdict(name, request.path("namespace").asText(), object.path("spec"));
    AdmissionResponseBuilder response =
        new AdmissionResponseBuilder()
            .withAllowed(verdict.accepted())
            .withWarnings(verdict.warnings().stream().map(FieldWarning::toString).toList());
    return verdict.accepted()
        ? response.build()
        : response.withStatus(refusal(name, verdict.errors())).build();
  }

  /** The same as the configuration's matchConditions, for a configuration without them. */
  private static boolean passesUnseen(JsonNode request, JsonNode object) {
    boolean update = request.path("operation").asText().equals("UPDATE");
    return object.path("metadata").has("deletionTimestamp")
        || (update && object.path("spec").equals(request.path("oldObject").path("spec")));
  }

  private static String name(JsonNode metadata) {
    String name = metadata.path("name").asText();
    return name.isEmpty() ? metadata.path("generateName").asText() + GENERATED : name;
  }

  private Verdict verdict(String name, String namespace, JsonNode tree) {
    SmtpConnectorSpec spec;
    try {
      spec = JSON.treeToValue(tree, SmtpConnectorSpec.class);
    } catch (JsonProcessingException e) {
      return new Verdict(List.of(unreadable(e)), List.of());
    }
    if (spec == null) {
      return new Verdict(List.of(new FieldError("spec", ErrorType.REQUIRED, "")), List.of());
    }
    Facts facts =
        new Facts(namespace, clusterDomain, addresses.of(namespace, serviceNames(name, tree)));
    return ConnectorRules.judge(name, spec, facts);
  }

  /** From the tree, since the records hold whatever was sent. */
  private static Set<String> serviceNames(String connector, JsonNode spec) {
    Set<String> names = new LinkedHashSet<>();
    names.add(connector);
    for (JsonNode bridgehead : spec.path("bridgeheads")) {
      names.add(connector + "-" + bridgehead.path("name").asText());
    }
    return names;
  }

  /** The schema keeps such values out, unless it is of another version than this operator. */
  private static FieldError unreadable(JsonProcessingException e) {
    StringBuilder field = new StringBuilder("spec");
    if (e instanceof JsonMappingException mapping) {
      for (Reference step : mapping.getPath()) {
        if (step.getFieldName() == null) {
          field.append('[').append(step.getIndex()).append(']');
        } else {
          field.append('.').append(step.getFieldName());
        }
      }
    }
    return new FieldError(
        field.toString(),
        ErrorType.TYPE_INVALID,
        "this operator can't read the value; is the CRD of another version than the operator?");
  }

  /** As k8s.io/apimachinery's {@code NewInvalid} words it. */
  private static Status refusal(String name, List<FieldError> errors) {
    String faults =
        errors.size() == 1
            ? errors.getFirst().toString()
            : errors.stream().map(FieldError::toString).collect(Collectors.joining(", ", "[", "]"));
    return new StatusBuilder()
        .withStatus("Failure")
        .withCode(UNPROCESSABLE)
        .withReason("Invalid")
        .withMessage("%s.%s \"%s\" is invalid: %s".formatted(KIND, ApiGroup.NAME, name, faults))
        .withNewDetails()
        .withGroup(ApiGroup.NAME)
        .withKind(KIND)
        .withName(name)
        .withCauses(
            errors.stream()
                .map(error -> new StatusCause(error.field(), error.body(), error.type().reason()))
                .toList())
        .endDetails()
        .build();
  }
}
