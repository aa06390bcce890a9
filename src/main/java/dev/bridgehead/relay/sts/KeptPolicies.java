package dev.bridgehead.relay.sts;

import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.routing.HostNames;
import dev.bridgehead.relay.routing.NamedHosts;
import dev.bridgehead.relay.spool.Disk;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds policies, and keeps them as long as they say: whoever takes a domain's TXT record or its
 * policy's host away does not take the policy away (RFC 8461 §5.1, §10.2). Equal fetches are made
 * once at a time, on threads of their own; failed ones are not repeated for a while. Any thread may
 * ask, and blocks.
 */
public final class KeptPolicies implements StsPolicies, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeptPolicies.class);

  /** How long a policy's refresh waits after one that failed; each is a line in the log. */
  private static final Duration REFRESH_AGAIN = Duration.ofHours(1);

  private final Resolver dns;
  private final PolicyHost host;
  private final @Nullable PolicyFolder folder;
  private final InstantSource clock;
  private final StsMetrics metrics;
  private final PolicyMemory memory = new PolicyMemory();
  private final Failures failures = new Failures();
  private final Failures unusable = new Failures();
  private final Map<String, CompletableFuture<Finding>> pending = new ConcurrentHashMap<>();
  private final PolicyRefresh refresh = new PolicyRefresh(this);

  /**
   * @param folder null: nothing outlives this object
   */
  KeptPolicies(
      Resolver dns,
      PolicyHost host,
      @Nullable PolicyFolder folder,
      InstantSource clock,
      MeterRegistry registry) {
    this.dns = dns;
    this.host = host;
    this.folder = folder;
    this.clock = clock;
    this.metrics = new StsMetrics(registry, memory::size);
    if (folder != null) {
      Instant now = clock.instant();
      folder.load().forEach(kept -> remember(kept.notAfter(now), folder));
    }
  }

  /**
   * What all policies are found with.
   *
   * @param hosts where policies lie
   * @param trust whom a policy's host must be certified by; asked for at the first fetch
   */
  public record Sources(Resolver dns, NamedHosts hosts, Supplier<SSLSocketFactory> trust) {
    /** With the system's trusted roots. */
    public static Sources of(Resolver dns, NamedHosts hosts) {
      return new Sources(dns, hosts, Sources::systemTrust);
    }

    private static SSLSocketFactory systemTrust() {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        return context.getSocketFactory();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("TLS is not available", e);
      }
    }

    private PolicyHost host() {
      return new PolicyHost(hosts::find, trust, PolicyHost.Limits.STANDARD);
    }
  }

  /**
   * With what is in a folder, and is kept there.
   *
   * @param folder made once there is something to keep; no other process uses it
   */
  public static KeptPolicies in(
      Path folder, Disk disk, Sources sources, InstantSource clock, MeterRegistry registry) {
    PolicyFolder files = new PolicyFolder(disk, folder);
    return new KeptPolicies(sources.dns(), sources.host(), files, clock, registry);
  }

  /** With nothing; nothing of it is kept on disk. */
  public static KeptPolicies inMemory(
      Sources sources, InstantSource clock, MeterRegistry registry) {
    return new KeptPolicies(sources.dns(), sources.host(), null, clock, registry);
  }

  /** Fetches what it keeps anew from time to time, from now on. */
  public void start() {
    refresh.start();
  }

  @Override
  public void close() {
    refresh.close();
  }

  /**
   * What was found for a domain.
   *
   * @param policy null where none applies
   * @param remark one line: where it comes from, or why there is none
   */
  public record Finding(@Nullable StsPolicy policy, String remark) {}

  @Override
  public Optional<StsPolicy> policyOf(String domain) {
    return Optional.ofNullable(find(domain).policy());
  }

  /** As {@link #policyOf}, with why. */
  public Finding find(String domain) {
    if (HostNames.fault(domain).isPresent()) {
      return new Finding(null, domain + " is no domain's name");
    }
    Kept known = memory.use(domain, clock.instant()).orElse(null);
    return switch (StsRecord.of(dns.txt("_mta-sts." + domain).answer())) {
      case StsRecord.Announced(String id) ->
          known != null && known.id().equals(id)
              ? new Finding(known.policy(), "fetched " + known.fetched())
              : announced(domain, id, known);
      case StsRecord.Absent() -> unannounced(known, "there is no TXT record");
      case StsRecord.Unusable(String why) -> {
        noteOnce(domain, why, known);
        yield unannounced(known, why);
      }
    };
  }

  private Finding unannounced(@Nullable Kept known, String why) {
    if (known == null) {
      return new Finding(null, why);
    }
    metrics.unannounced();
    return new Finding(known.policy(), why + ", but " + stays(known));
  }

  /** A record that means nothing is said once in a while, not for each message. */
  private void noteOnce(String domain, String why, @Nullable Kept known) {
    if (unusable.recent(domain, "", clock.instant()).isEmpty()) {
      unusable.met(domain, "", why, clock.instant());
      LOG.atInfo()
          .addKeyValue("domain", domain)
          .addKeyValue("text", why)
          .log(known == null ? "MTA-STS record without meaning" : "MTA-STS policy stays");
    }
  }

  private static String stays(Kept known) {
    return "the policy fetched %s stays until %s".formatted(known.fetched(), known.expires());
  }

  private Finding announced(String domain, String id, @Nullable Kept known) {
    Optional<String> failed = failures.recent(domain, id, clock.instant());
    return failed.isPresent() ? without(failed.get(), known) : fetch(domain, id, known);
  }

  private static Finding without(String failure, @Nullable Kept known) {
    return known == null
        ? new Finding(null, failure)
        : new Finding(known.policy(), failure + ", but " + stays(known));
  }

  /** Waits for it, whoever interrupts: "no policy" would be a wrong answer. It has a deadline. */
  private Finding fetch(String domain, String id, @Nullable Kept known) {
    CompletableFuture<Finding> fresh = new CompletableFuture<>();
    CompletableFuture<Finding> running = pending.putIfAbsent(domain, fresh);
    if (running != null) {
      return running.join();
    }
    Thread.ofVirtual()
        .name("sts-fetch")
        .start(
            () -> {
              Finding found = null;
              try {
                found = fetched(domain, id, known);
              } finally {
                pending.remove(domain); // before anybody who has the answer asks again
                complete(fresh, found);
              }
            });
    return fresh.join();
  }

  private static void complete(CompletableFuture<Finding> fresh, @Nullable Finding found) {
    if (found == null) {
      fresh.completeExceptionally(new IllegalStateException("the fetch broke off"));
    } else {
      fresh.complete(found);
    }
  }

  private Finding fetched(String domain, String id, @Nullable Kept known) {
    try {
      Kept kept = new Kept(domain, id, clock.instant(), host.fetch(domain));
      failures.forget(domain);
      metrics.fetched();
      report(kept, known);
      keep(kept);
      return new Finding(kept.policy(), "fetched " + kept.fetched());
    } catch (PolicyFailure e) {
      metrics.failed(e.reason());
      return failed(domain, id, e.reason() + ": " + e.text(), known);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("domain", domain).setCause(e).log("MTA-STS fetch broke off");
      return failed(domain, id, "internal error: " + e.getClass().getSimpleName(), known);
    }
  }

  private Finding failed(String domain, String id, String why, @Nullable Kept known) {
    failures.met(domain, id, why, clock.instant());
    memory.postpone(domain, clock.instant().plus(REFRESH_AGAIN));
    boolean matters = known == null || known.policy().mode() != StsPolicy.Mode.NONE;
    if (matters) { // RFC 8461 §3.3
      LOG.atWarn()
          .addKeyValue("domain", domain)
          .addKeyValue("text", why)
          .log(
              "MTA-STS policy can't be fetched: "
                  + (known == null ? "none applies" : stays(known)));
    }
    return without(why, known);
  }

  private static void report(Kept kept, @Nullable Kept known) {
    StsPolicy policy = kept.policy();
    boolean news = known == null || !known.policy().equals(policy);
    (news ? LOG.atInfo() : LOG.atDebug())
        .addKeyValue("domain", kept.domain())
        .addKeyValue("mode", policy.mode().text())
        .addKeyValue("mx", String.join(" ", policy.mx()))
        .addKeyValue("maxAge", policy.maxAge())
        .addKeyValue("policyId", kept.id())
        .log("MTA-STS policy fetched");
  }

  private void keep(Kept kept) {
    if (folder == null) {
      memory.put(kept, clock.instant());
    } else {
      folder.store(kept);
      remember(kept, folder);
    }
  }

  private void remember(Kept kept, PolicyFolder folder) {
    memory.put(kept, clock.instant()).forEach(gone -> folder.remove(gone.domain()));
  }

  /** Drops those that are not in force any more. */
  void expire() {
    for (Kept gone : memory.expire(clock.instant())) {
      if (folder != null) {
        folder.remove(gone.domain());
      }
      LOG.atInfo().addKeyValue("domain", gone.domain()).log("MTA-STS policy expired");
    }
  }

  /** Those whose time to be fetched anew has come. */
  List<Kept> due() {
    return memory.due(clock.instant());
  }

  /** Fetches one anew, whatever the DNS says at present (RFC 8461 §10.2). */
  Finding refresh(Kept kept) {
    String domain = kept.domain();
    String id =
        StsRecord.of(dns.txt("_mta-sts." + domain).answer())
                instanceof StsRecord.Announced(String announced)
            ? announced
            : kept.id();
    return fetch(domain, id, kept);
  }
}
