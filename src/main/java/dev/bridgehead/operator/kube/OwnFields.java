package dev.bridgehead.operator.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * Reads of an object's {@code managedFields} what some managers own, and skips the others': the
 * list of who owns which field is the greater part of most objects, and informers keep it in memory
 * for every one of them.
 */
final class OwnFields extends StdDeserializer<ManagedFieldsEntry> {
  private static final long serialVersionUID = 1;

  /** Stands for every entry that is not read. */
  private static final ManagedFieldsEntry OTHERS = new ManagedFieldsEntry();

  private static final Map<String, String> ASKED =
      Map.of("f:metadata", "f:annotations", "f:spec", "f:replicas");

  @SuppressWarnings("serial") // nobody serializes a deserializer
  private final Set<String> managers;

  /**
   * @param managers whose fields are read; an entry of another one is empty
   */
  OwnFields(Set<String> managers) {
    super(ManagedFieldsEntry.class);
    this.managers = Set.copyOf(managers);
  }

  @Override
  public ManagedFieldsEntry deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    ManagedFieldsEntry entry = new ManagedFieldsEntry();
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      parser.nextToken();
      switch (field) {
        case "manager" -> entry.setManager(parser.getValueAsString());
        case "operation" -> entry.setOperation(parser.getValueAsString());
        case "subresource" -> entry.setSubresource(parser.getValueAsString());
        case "fieldsV1" -> {
          // Kubernetes' own kinds name the manager first, custom ones last.
          if (entry.getManager() == null || isOurs(entry)) {
            entry.setFieldsV1(asked(context.readValue(parser, FieldsV1.class)));
          } else {
            parser.skipChildren();
          }
        }
        default -> parser.skipChildren();
      }
    }
    return isOurs(entry) ? entry : OTHERS;
  }

  /** Keeps the annotations and the number of replicas, all that anybody asks about. */
  private static FieldsV1 asked(FieldsV1 all) {
    FieldsV1 asked = new FieldsV1();
    ASKED.forEach(
        (part, field) -> {
          if (all.getAdditionalProperties().get(part) instanceof Map<?, ?> fields
              && fields.get(field) instanceof Map<?, ?> owned) {
            asked.setAdditionalProperty(part, Map.of(field, owned));
          }
        });
    return asked;
  }

  private boolean isOurs(ManagedFieldsEntry entry) {
    return entry.getManager() != null && managers.contains(entry.getManager());
  }
}
