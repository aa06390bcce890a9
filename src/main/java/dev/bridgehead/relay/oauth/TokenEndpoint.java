package dev.bridgehead.relay.oauth;

import dev.bridgehead.manifest.TokenGrant;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Asks a token endpoint (RFC 6749 §3.2), by HTTPS alone, without redirects. Blocks; any number of
 * threads.
 */
final class TokenEndpoint {
  private static final int LONGEST_ANSWER = 64 << 10;

  private final Duration patience;

  /**
   * @param patience from the first look-up to the last octet
   */
  TokenEndpoint(Duration patience) {
    this.patience = patience;
  }

  /**
   * @param refreshToken in place of the grant's; null where it has none
   */
  AccessToken ask(TokenGrant grant, @Nullable String refreshToken) throws NoTokenException {
    try {
      HttpResponse<byte[]> response = send(grant, request(grant, refreshToken));
      return TokenAnswer.read(response.statusCode(), response.body());
    } catch (NoTokenException e) {
      throw new NoTokenException(grant.endpoint() + " " + e.getMessage(), e.detail());
    } catch (ExecutionException e) {
      throw new NoTokenException(grant.endpoint() + " can't be asked: " + reason(e.getCause()));
    } catch (TimeoutException e) {
      throw new NoTokenException(
          grant.endpoint() + " has not answered within " + patience.toSeconds() + " s");
    } catch (GeneralSecurityException | IOException e) {
      throw new NoTokenException(grant.endpoint() + " can't be asked: " + reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoTokenException(grant.endpoint() + " was not asked: this relay is stopping");
    }
  }

  /** A client of its own: it is asked once in a token's life, and leaves no threads behind. */
  private HttpResponse<byte[]> send(TokenGrant grant, HttpRequest request)
      throws GeneralSecurityException,
          IOException,
          ExecutionException,
          InterruptedException,
          TimeoutException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NEVER)
            .sslContext(trusting(grant.roots()))
            .build();
    try {
      return client
          .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER))
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      client.shutdownNow();
    }
  }

  private static HttpRequest request(TokenGrant grant, @Nullable String refreshToken) {
    Map<String, String> form = new LinkedHashMap<>();
    if (refreshToken == null) {
      form.put("grant_type", "client_credentials");
    } else {
      form.put("grant_type", "refresh_token");
      form.put("refresh_token", refreshToken);
    }
    if (grant.scope() != null) {
      form.put("scope", grant.scope());
    }
    URI endpoint = grant.endpoint();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .header("User-Agent", "Bridgehead");
    if (grant.clientSecret() == null) {
      form.put("client_id", grant.clientId()); // RFC 6749 §3.2.1
    } else {
      request.header("Authorization", basic(grant.clientId(), grant.clientSecret()));
    }
    return request
        .POST(
            BodyPublishers.ofString(
                form.entrySet().stream()
                    .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                    .collect(Collectors.joining("&"))))
        .build();
  }

  /** RFC 6749 §2.3.1: what every server has to take. */
  private static String basic(String id, String secret) {
    String both = encoded(id) + ":" + encoded(secret);
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.US_ASCII));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static SSLContext trusting(List<X509Certificate> roots)
      throws GeneralSecurityException, IOException {
    if (roots.isEmpty()) {
      return SSLContext.getDefault();
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (X509Certificate root : roots) {
      store.setCertificateEntry("root-" + number++, root);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static String reason(@Nullable Throwable e) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (each.getMessage() != null) {
        return each.getMessage();
      }
    }
    return e instanceof ConnectException ? "connection refused" : String.valueOf(e);
  }
}
