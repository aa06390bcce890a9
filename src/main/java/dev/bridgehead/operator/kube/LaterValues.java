package dev.bridgehead.operator.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values of a later version of our kinds, which this operator doesn't understand: they read as
 * absent, so that one object does not end the informer of them all, and the object is marked
 * ({@link Labels#UNREADABLE}), so that nobody takes the default for what was meant.
 */
final class LaterValues extends DeserializationProblemHandler {
  /** Of a deserialization: what of the object under way could not be read. */
  private static final String PROBLEMS = "bridgehead.problems";

  private static final Set<Class<?>> KINDS = Set.of(SmtpConnector.class, Bridgehead.class);

  /** Marks objects of our kinds; goes with a mapper that has this as its problem handler. */
  static SimpleModule marks() {
    SimpleModule module = new SimpleModule("later-values");
    module.setDeserializerModifier(
        new BeanDeserializerModifier() {
          private static final long serialVersionUID = 1;

          @Override
          public JsonDeserializer<?> modifyDeserializer(
              DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> reader) {
            return KINDS.contains(bean.getBeanClass()) ? new Marking(reader) : reader;
          }
        });
    return module;
  }

  private static final class Marking extends DelegatingDeserializer {
    private static final long serialVersionUID = 1;

    Marking(JsonDeserializer<?> reader) {
      super(reader);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> reader) {
      return new Marking(reader);
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      @Nullable Object outer = context.getAttribute(PROBLEMS);
      List<String> problems = new ArrayList<>();
      context.setAttribute(PROBLEMS, problems);
      try {
        @Nullable Object read = super.deserialize(parser, context);
        if (read instanceof HasMetadata object && !problems.isEmpty()) {
          mark(object, problems);
        }
        return read;
      } finally {
        context.setAttribute(PROBLEMS, outer);
      }
    }

    private static void mark(HasMetadata object, List<String> problems) {
      Map<String, String> annotations = new TreeMap<>();
      if (object.getMetadata().getAnnotations() != null) {
        annotations.putAll(object.getMetadata().getAnnotations());
      }
      annotations.put(
          Labels.UNREADABLE,
          String.join("; ", problems)
              + ". The operator is older than the custom resource definitions; upgrade it, or take"
              + " the field back");
      object.getMetadata().setAnnotations(annotations);
    }
  }

  @Override
  public @Nullable Object handleWeirdStringValue(
      DeserializationContext context, Class<?> target, String value, String failure) {
    return absent(context, "Unsupported value: \"" + value + "\"");
  }

  @Override
  public @Nullable Object handleWeirdNumberValue(
      DeserializationContext context, Class<?> target, Number value, String failure) {
    return absent(context, "Unsupported value: " + value);
  }

  @Override
  public @Nullable Object handleUnexpectedToken(
      DeserializationContext context,
      JavaType target,
      JsonToken token,
      JsonParser parser,
      String failure)
      throws IOException {
    return skipped(context, parser);
  }

  @Override
  public @Nullable Object handleMissingInstantiator(
      DeserializationContext context,
      Class<?> target,
      ValueInstantiator instantiator,
      JsonParser parser,
      String failure)
      throws IOException {
    return skipped(context, parser);
  }

  @Override
  public @Nullable Object handleInstantiationProblem(
      DeserializationContext context, Class<?> target, Object argument, Throwable failure) {
    return absent(context, "Invalid value");
  }

  private static @Nullable Object skipped(DeserializationContext context, JsonParser parser)
      throws IOException {
    absent(context, "Invalid value");
    parser.skipChildren();
    return null;
  }

  private static @Nullable Object absent(DeserializationContext context, String problem) {
    String path = path(context);
    // Of the status nothing depends but what is written next.
    if (path.startsWith("spec") && context.getAttribute(PROBLEMS) instanceof List<?> problems) {
      @SuppressWarnings("unchecked") // set above
      List<String> noted = (List<String>) problems;
      noted.add(path + ": " + problem + ": this operator can't read it");
    }
    return null;
  }

  /** As the API server writes it, such as {@code spec.routing.smartHosts[0].port}. */
  private static String path(DeserializationContext context) {
    String pointer = context.getParser().getParsingContext().pathAsPointer().toString();
    int spec = pointer.indexOf("/spec");
    return spec < 0
        ? pointer
        : pointer.substring(spec + 1).replaceAll("/([0-9]+)(?=/|$)", "[$1]").replace('/', '.');
  }
}
