package dev.bridgehead.relay.oauth;

import dev.bridgehead.manifest.TokenGrant;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of all smart hosts: one is asked for where there is none that lives on for a while, by
 * one thread for all that need it. Any number of threads.
 *
 * <p>A refresh token that the endpoint replaced is kept in memory only: nobody here may write
 * Secrets. After a restart the Secret's is used again.
 */
public final class AccessTokens {
  private static final Logger LOG = LoggerFactory.getLogger(AccessTokens.class);

  /** An endpoint that is slow keeps sessions waiting. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A token is renewed before it ends by so much, or by half its life. */
  private static final Duration SPARE = Duration.ofMinutes(1);

  /** After a failure, and for a token that is refused as soon as it was given. */
  private static final Duration PAUSE = Duration.ofSeconds(15);

  /** Grants that are remembered; of one more, the one that was unused for longest is forgotten. */
  private static final int MOST = 256;

  private final TokenEndpoint endpoint;
  private final LongSupplier nanoTime;
  private final Counter given;
  private final Counter failed;
  private final Map<TokenGrant, Held> held =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TokenGrant, Held> eldest) {
          return size() > MOST;
        }
      };

  public AccessTokens(MeterRegistry metrics) {
    this(metrics, PATIENCE, System::nanoTime);
  }

  AccessTokens(MeterRegistry metrics, Duration patience, LongSupplier nanoTime) {
    this.endpoint = new TokenEndpoint(patience);
    this.nanoTime = nanoTime;
    this.given = counter(metrics, "given");
    this.failed = counter(metrics, "failed");
  }

  private static Counter counter(MeterRegistry metrics, String result) {
    return Counter.builder("bridgehead.access.tokens")
        .description("Access tokens that were asked for, to log in at smart hosts with")
        .tag("result", result)
        .register(metrics);
  }

  /** One that lives; blocks while it is asked for. */
  public String token(TokenGrant grant) throws NoTokenException {
    return held(grant).token();
  }

  /** A smart host did not take this one: it is not used again, unless it was given just now. */
  public void refused(TokenGrant grant) {
    held(grant).refused();
  }

  private Held held(TokenGrant grant) {
    synchronized (held) {
      return held.computeIfAbsent(grant, Held::new);
    }
  }

  /** What is known of one grant; who waits for its lock waits for a token. */
  private final class Held {
    private final TokenGrant grant;
    private @Nullable String refreshToken;
    private @Nullable AccessToken token;
    private @Nullable String failure;
    private long tokenAsked;
    private long lastAsked;

    Held(TokenGrant grant) {
      this.grant = grant;
      this.refreshToken = grant.refreshToken();
    }

    synchronized String token() throws NoTokenException {
      if (isToBeRenewed() && mayAsk()) {
        ask();
      }
      AccessToken known = token;
      if (known != null && since(tokenAsked) < known.life().toNanos()) {
        return known.text();
      }
      throw new NoTokenException(
          failure == null ? grant.endpoint() + " gives tokens that have ended" : failure);
    }

    synchronized void refused() {
      if (since(lastAsked) >= PAUSE.toNanos()) {
        token = null;
      }
    }

    private boolean isToBeRenewed() {
      if (token == null) {
        return true;
      }
      Duration half = token.life().dividedBy(2);
      Duration spare = half.compareTo(SPARE) < 0 ? half : SPARE;
      return since(tokenAsked) >= token.life().minus(spare).toNanos();
    }

    private boolean mayAsk() {
      return failure == null || since(lastAsked) >= PAUSE.toNanos();
    }

    private void ask() {
      lastAsked = nanoTime.getAsLong();
      try {
        AccessToken fresh = endpoint.ask(grant, refreshToken);
        token = fresh;
        tokenAsked = lastAsked;
        if (failure != null) {
          LOG.info("{} gives access tokens again", grant.endpoint());
        }
        failure = null;
        if (grant.refreshToken() != null && fresh.refreshToken() != null) {
          refreshToken = fresh.refreshToken();
        }
        given.increment();
      } catch (NoTokenException e) {
        if (!String.valueOf(e.getMessage()).equals(failure)) {
          LOG.warn("no access token for {}: {} {}", grant.clientId(), e.getMessage(), e.detail());
        }
        failure = String.valueOf(e.getMessage());
        failed.increment();
      }
    }

    private long since(long then) {
      return nanoTime.getAsLong() - then;
    }
  }
}
