package dev.bridgehead.webhook;

import dev.bridgehead.webhook.Authorities.Lifetimes;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The webhook's own authority: in a Secret that whichever replica comes first makes, and every one
 * keeps up to date; from it a certificate in this process's memory. A replica shows a certificate
 * of another authority only after the API server was told to trust that one.
 */
final class AuthorityKeeper implements CertificateKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityKeeper.class);

  /** Every replica writes once in a step; a conflict that stays is no replica's doing. */
  private static final int MOST_ATTEMPTS = 10;

  private final AuthoritySecret store;
  private final CaBundle bundle;
  private final CurrentCertificate shown;
  private final List<String> names;
  private final Lifetimes lifetimes;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Rounds rounds;
  private @Nullable Authorities known; // the thread that starts, then that of the rounds

  AuthorityKeeper(
      AuthoritySecret store,
      CaBundle bundle,
      CurrentCertificate shown,
      List<String> names,
      Lifetimes lifetimes,
      Clock clock) {
    this.store = store;
    this.bundle = bundle;
    this.shown = shown;
    this.names = names;
    this.lifetimes = lifetimes;
    this.clock = clock;
    this.rounds = new Rounds("webhook-authority", lifetimes.interval(), this::round);
  }

  @Override
  public void start() {
    bundle.start(rounds::wake);
    round();
    rounds.begin();
  }

  /** After each interval, and whenever somebody changed the caBundle. */
  void round() {
    try {
      bundle.attend();
      known = agreed();
      bundle.put(Pem.of(known.trusted()));
    } finally {
      // Also where the API server refuses something: what is shown must not run out over that.
      if (known != null) {
        show(known.signing());
      }
    }
  }

  private Authorities agreed() {
    for (int attempt = 1; ; attempt++) {
      try {
        return agree();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == MOST_ATTEMPTS) {
          throw e;
        } // another replica was quicker: look again
      }
    }
  }

  /** Looks at the Secret, and takes the next step where it is time. */
  private Authorities agree() {
    Instant now = clock.instant();
    Optional<Secret> found = store.read();
    Optional<Authorities> before = found.flatMap(this::readable);
    Authorities after =
        before.map(b -> b.after(now, bundle.holds(b.trusted()), lifetimes, random)).orElse(null);
    if (after == null) {
      // Deleted or spoiled: whoever still knows the last one lets another follow it.
      after =
          known == null
              ? Authorities.first(now, lifetimes, random)
              : known.succeeded(now, lifetimes, random);
    }
    if (before.isPresent() && before.get() == after) {
      return after;
    }
    store.write(after, found);
    say(before, after);
    return after;
  }

  private Optional<Authorities> readable(Secret secret) {
    try {
      return Optional.of(AuthoritySecret.authorities(secret));
    } catch (GeneralSecurityException e) {
      LOG.warn("The Secret {} can't be used and is written anew: {}", store.name(), e.getMessage());
      return Optional.empty();
    }
  }

  private void say(Optional<Authorities> before, Authorities after) {
    String signing = name(after.signing());
    if (before.isEmpty()) {
      LOG.info("Wrote the webhook's authority to the Secret {}: {} signs", store.name(), signing);
    } else if (!before.get().signing().equals(after.signing())) {
      LOG.info("The webhook's authority {} signs from now on", signing);
    } else if (after.next().isPresent() && before.get().next().isEmpty()) {
      LOG.info(
          "The webhook's authority {} will follow {} at {}",
          name(after.next().get().authority()),
          signing,
          after.next().get().signsFrom());
    } else {
      LOG.info("The webhook's authority before {} is no longer trusted", signing);
    }
  }

  private static String name(Authority authority) {
    return authority.certificate().getSubjectX500Principal().getName();
  }

  private void show(Authority signing) {
    Instant now = clock.instant();
    Optional<ServerCertificate> current = shown.current();
    boolean good =
        current.isPresent()
            && current.get().validAt(now)
            && now.isBefore(current.get().renewFrom())
            && signing.signed(current.get().certificate());
    if (good || (current.isPresent() && !bundle.holds(List.of(signing.certificate())))) {
      return;
    }
    shown.show(signing.issue(names, now, lifetimes.leaf(), random));
    LOG.info("Shows a certificate of {} from now on", name(signing));
  }

  @Override
  public void close() {
    rounds.close();
    bundle.close();
  }
}
