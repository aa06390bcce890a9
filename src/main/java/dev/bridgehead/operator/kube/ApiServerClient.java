package dev.bridgehead.operator.kube;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.HttpURLConnection;
import java.util.Set;

/** The connection to the API server. */
public final class ApiServerClient {
  /**
   * After how long a watch that was cut is opened again. Doubled with each failure, five times at
   * most: 8 s after an API server is back, everything is seen again.
   */
  private static final int WATCH_AGAIN_MILLIS = 250;

  private static final ListOptions ONE = new ListOptionsBuilder().withLimit(1L).build();

  private ApiServerClient() {}

  /** A client that reads what it can, and tries again by itself after a 429, a 5xx or no answer. */
  public static KubernetesClient create(Config config) {
    return build(config, forgivingMapper());
  }

  /**
   * A client that reads what it can, and sends each request once: whoever asks tries again, later
   * each time, and knows what it may still do by then.
   *
   * @param interceptors see each request first; a write is kept back by an exception of theirs
   */
  public static KubernetesClient sendingOnce(Config config, Interceptor... interceptors) {
    return build(once(config), forgivingMapper(), interceptors);
  }

  /**
   * As {@link #sendingOnce}, for the controllers, whose informers keep what they read: of who owns
   * which field it reads only what they look at. What was read so must never replace (PUT) what is
   * there: the API server would take the others' fields for nobody's.
   */
  public static KubernetesClient forControllers(Config config, Interceptor... interceptors) {
    return build(once(config), sparingMapper(), interceptors);
  }

  private static Config once(Config config) {
    return new ConfigBuilder(config).withRequestRetryBackoffLimit(0).build();
  }

  private static KubernetesClient build(
      Config config, ObjectMapper mapper, Interceptor... interceptors) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(config)
                .withUserAgent(userAgent())
                // A request without an answer costs its connection; HTTP/2 would send all others
                // after it into the same dead one, for a quarter of an hour.
                .withHttp2Disable(true)
                .withWatchReconnectInterval(WATCH_AGAIN_MILLIS)
                .build())
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .withHttpClientBuilderConsumer(
            http -> {
              for (Interceptor interceptor : interceptors) {
                http.addOrReplaceInterceptor(interceptor.getClass().getName(), interceptor);
              }
            })
        .build();
  }

  /** As audit logs name us; the pod tells replicas apart. */
  private static String userAgent() {
    String pod = System.getenv("POD_NAME");
    return pod == null || pod.isBlank() ? "bridgehead-operator" : "bridgehead-operator/" + pod;
  }

  /**
   * Checks that the API server answers and serves our kinds.
   *
   * @param namespaces that are watched; empty: all
   * @throws UnusableApiServerException in one line, where it doesn't
   */
  public static void check(KubernetesClient client, Set<String> namespaces) {
    check(client, namespaces, SmtpConnector.class);
    check(client, namespaces, Bridgehead.class);
  }

  /**
   * Whether this operator may look after a namespace. Where it was deleted its role went with it.
   *
   * @throws KubernetesClientException where that can't be said now
   */
  public static boolean maySee(KubernetesClient client, String namespace) {
    try {
      client.resources(SmtpConnector.class).inNamespace(namespace).list(ONE);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return false;
      }
      throw e;
    }
  }

  private static <T extends CustomResource<?, ?>> void check(
      KubernetesClient client, Set<String> namespaces, Class<T> kind) {
    String server = client.getMasterUrl().toString();
    try {
      if (namespaces.isEmpty()) {
        client.resources(kind).inAnyNamespace().list(ONE);
      } else {
        // One that is gone, or without a role, is no reason not to serve the others.
        String seen =
            namespaces.stream()
                .filter(namespace -> maySee(client, namespace))
                .findFirst()
                .orElseGet(namespaces.iterator()::next);
        client.resources(kind).inNamespace(seen).list(ONE);
      }
    } catch (KubernetesClientException e) {
      String crd = HasMetadata.getFullResourceName(kind);
      throw switch (e.getCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND ->
            new UnusableApiServerException(
                "the API server at "
                    + server
                    + " does not know "
                    + crd
                    + ": install the CRDs first (kubectl apply -f crds/, or the Helm chart)");
        case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
            new UnusableApiServerException(
                "the API server at "
                    + server
                    + " does not let this operator list "
                    + crd
                    + ": its role is missing or too narrow");
        default ->
            new UnreachableApiServerException(
                "the API server at "
                    + server
                    + " can't be reached: "
                    + Failures.reason(e)
                    + "; check KUBECONFIG, or the pod's service account");
      };
    }
  }

  /**
   * Reads a value that it doesn't understand (an enum constant or a form of a later version) as
   * absent, and marks an object of ours that has one. A strict reader would end the whole informer,
   * and with it the operator, for one bad object.
   */
  static ObjectMapper forgivingMapper() {
    ObjectMapper mapper = new ObjectMapper();
    mapper.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    mapper.addHandler(new LaterValues());
    return mapper.registerModule(LaterValues.marks());
  }

  /** Reads, besides, of {@code managedFields} only what the controllers look at. */
  static ObjectMapper sparingMapper() {
    return forgivingMapper()
        .registerModule(
            new SimpleModule()
                .addDeserializer(ManagedFieldsEntry.class, new OwnFields(FieldManagers.READ)));
  }
}
