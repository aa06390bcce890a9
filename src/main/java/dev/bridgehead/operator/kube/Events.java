package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what happened, as events.k8s.io/v1 events on the connector: that is the object they
 * write and look at. An event's name follows from what it says, so that the same news is told once
 * while the API server keeps it, also by an operator that was restarted.
 */
public final class Events {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** The API server's limit on a note, in octets. */
  private static final int LONGEST_NOTE = 1024;

  /** Recently told, so that steady state asks the API server nothing. */
  private static final int REMEMBERED = 4096;

  private final KubernetesClient client;
  private final Clock clock;
  private final String instance;
  private final Map<String, Boolean> told =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

  /**
   * @param instance which process reports, such as the pod's name
   */
  public Events(KubernetesClient client, Clock clock, String instance) {
    this.client = client;
    this.clock = clock;
    this.instance = instance;
  }

  /** The object that an event is about. */
  public record Subject(String apiVersion, String kind, String namespace, String name, String uid) {
    public static Subject of(HasMetadata object) {
      return new Subject(
          object.getApiVersion(),
          object.getKind(),
          object.getMetadata().getNamespace(),
          object.getMetadata().getName(),
          object.getMetadata().getUid());
    }

    ObjectReference reference() {
      return new ObjectReferenceBuilder()
          .withApiVersion(apiVersion)
          .withKind(kind)
          .withNamespace(namespace)
          .withName(name)
          .withUid(uid)
          .build();
    }
  }

  /** Something that was done or came about. */
  public void normal(Subject subject, String reason, String occasion, String note) {
    tell(subject, "Normal", reason, occasion, note);
  }

  /** Something that a person should look at. */
  public void warning(Subject subject, String reason, String occasion, String note) {
    tell(subject, "Warning", reason, occasion, note);
  }

  /**
   * @param occasion what makes two events with the same words two pieces of news, such as a
   *     generation
   */
  private void tell(Subject subject, String type, String reason, String occasion, String note) {
    String name = name(subject, reason, occasion, note);
    if (told.putIfAbsent(name, true) != null) {
      return;
    }
    LOG.atInfo()
        .addKeyValue("connector", subject.namespace() + "/" + subject.name())
        .log("{}: {}", reason, note);
    try {
      client.resource(event(subject, name, type, reason, note)).create();
    } catch (KubernetesClientException e) {
      // An event is news, not state: the work goes on where it can't be told, and the next look
      // tells it again.
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        told.remove(name);
        LOG.warn("event {} could not be written: {}", reason, e.getMessage());
      }
    }
  }

  private Event event(Subject subject, String name, String type, String reason, String note) {
    Instant now = clock.instant();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(subject.namespace())
        .withName(name)
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(now)))
        .withReportingController("bridgehead.dev/operator")
        .withReportingInstance(instance)
        .withAction(reason)
        .withReason(reason)
        .withType(type)
        .withNote(cut(note))
        .withRegarding(subject.reference())
        .build();
  }

  private static String name(Subject subject, String reason, String occasion, String note) {
    String text = String.join("\n", subject.uid(), reason, occasion, note);
    UUID digest = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    return subject.name() + "." + digest.toString().replace("-", "").substring(0, 16);
  }

  private static String cut(String note) {
    String cut = note;
    while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST_NOTE) {
      cut = cut.substring(0, cut.length() * 9 / 10) + "…";
    }
    return cut;
  }
}
