package dev.bridgehead.dns;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Cache;
import org.xbill.DNS.DClass;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * A {@link Resolver} on dnsjava's {@code LookupSession}: a cache by TTL, equal concurrent look-ups
 * made once, servers that fail replaced by the next.
 */
public final class DnsResolver implements Resolver {
  private static final int MAX_CNAMES = 10;
  private static final int MAX_RECORDS = 100;
  private static final int MAX_NEGATIVE_SECONDS = 300;

  /** RFC 9520 §3.2: a failure is remembered, for at least a second and at most five minutes. */
  private static final Duration FAILURE_LIFETIME = Duration.ofSeconds(2);

  private static final int MAX_FAILURES = 10_000;

  private final LookupSession session;
  private final InstantSource clock;
  private final Map<Question, CompletableFuture<Answer<Record>>> pending =
      new ConcurrentHashMap<>();
  private final Map<Question, Failure> failures = new ConcurrentHashMap<>();

  private record Question(Name name, int type) {}

  private record Failure(Answer<Record> answer, Instant until) {}

  /**
   * @param servers asked in this order; none means the machine's own ({@code /etc/resolv.conf})
   * @param serverTimeout how long one server may take for one query
   */
  public DnsResolver(
      List<InetSocketAddress> servers,
      Duration serverTimeout,
      Executor executor,
      InstantSource clock) {
    List<InetSocketAddress> used =
        servers.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : servers;
    Cache cache = new Cache(DClass.IN);
    cache.setMaxNCache(MAX_NEGATIVE_SECONDS);
    this.clock = clock;
    this.session =
        LookupSession.builder()
            .resolver(new FailoverResolver(used, serverTimeout))
            .cache(cache)
            .maxRedirects(MAX_CNAMES)
            .executor(executor)
            .build();
  }

  /** The machine's own servers, three seconds each. */
  public static DnsResolver ofSystem() {
    return new DnsResolver(
        List.of(), Duration.ofSeconds(3), Thread::startVirtualThread, InstantSource.system());
  }

  @Override
  public Answer<MailExchanger> mx(String domain) {
    Name name = absolute(domain);
    if (name == null) {
      return new NameError<>();
    }
    return switch (ask(new Question(name, Type.MX)).join()) {
      case Found<Record>(List<Record> records) ->
          found(
              records.stream()
                  .filter(MXRecord.class::isInstance)
                  .map(MXRecord.class::cast)
                  .map(mx -> new MailExchanger(mx.getPriority(), text(mx.getTarget())))
                  .toList());
      case NoData<Record>() -> new NoData<>();
      case NameError<Record>() -> new NameError<>();
      case TemporaryFailure<Record>(String text) -> new TemporaryFailure<>(text);
    };
  }

  @Override
  public Answer<InetAddress> addresses(String host, Set<IpVersion> versions) {
    Name name = absolute(host);
    if (name == null) {
      return new NameError<>();
    }
    List<CompletableFuture<Answer<Record>>> asked =
        versions.stream()
            .map(version -> ask(new Question(name, version == IpVersion.IPV4 ? Type.A : Type.AAAA)))
            .toList();
    List<InetAddress> found = new ArrayList<>();
    boolean exists = false;
    String failure = null;
    for (CompletableFuture<Answer<Record>> answer : asked) {
      switch (answer.join()) {
        case Found<Record>(List<Record> records) -> records.forEach(it -> collect(it, found));
        case NoData<Record>() -> exists = true;
        case NameError<Record>() -> {}
        case TemporaryFailure<Record>(String text) -> failure = text;
      }
    }
    if (!found.isEmpty()) {
      return new Found<>(found);
    }
    if (failure != null) {
      return new TemporaryFailure<>(failure);
    }
    return exists ? new NoData<>() : new NameError<>();
  }

  private CompletableFuture<Answer<Record>> ask(Question question) {
    Failure failure = failures.get(question);
    if (failure != null) {
      if (clock.instant().isBefore(failure.until())) {
        return CompletableFuture.completedFuture(failure.answer());
      }
      failures.remove(question, failure);
    }
    CompletableFuture<Answer<Record>> fresh = new CompletableFuture<>();
    CompletableFuture<Answer<Record>> running = pending.putIfAbsent(question, fresh);
    if (running != null) {
      return running;
    }
    var unused =
        session
            .lookupAsync(question.name(), question.type())
            .handle(
                (result, thrown) -> {
                  Answer<Record> answer = answer(question, result, thrown);
                  if (answer instanceof TemporaryFailure) {
                    remember(question, answer);
                  }
                  pending.remove(question, fresh);
                  return fresh.complete(answer);
                });
    return fresh;
  }

  private void remember(Question question, Answer<Record> failure) {
    if (failures.size() >= MAX_FAILURES) {
      failures.clear();
    }
    failures.put(question, new Failure(failure, clock.instant().plus(FAILURE_LIFETIME)));
  }

  private static Answer<Record> answer(
      Question question, @Nullable LookupResult result, @Nullable Throwable thrown) {
    if (result != null) {
      return found(result.getRecords());
    }
    Throwable cause = thrown;
    while (cause != null) {
      switch (cause) {
        // dnsjava gives an empty result for NODATA from the network, this for NODATA from its
        // cache.
        case NoSuchRRSetException _ -> {
          return new NoData<>();
        }
        case NoSuchDomainException _ -> {
          return new NameError<>();
        }
        default -> {
          if (cause.getCause() == null) {
            return new TemporaryFailure<>(
                "look-up of %s %s failed: %s"
                    .formatted(text(question.name()), Type.string(question.type()), why(cause)));
          }
          cause = cause.getCause();
        }
      }
    }
    return new TemporaryFailure<>("look-up of " + text(question.name()) + " failed");
  }

  private static String why(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private static <T> Answer<T> found(List<T> values) {
    List<T> bounded = values.size() > MAX_RECORDS ? values.subList(0, MAX_RECORDS) : values;
    return bounded.isEmpty() ? new NoData<>() : new Found<>(bounded);
  }

  private static void collect(Record record, List<InetAddress> into) {
    switch (record) {
      case ARecord a -> into.add(a.getAddress());
      case AAAARecord aaaa -> into.add(unmapped(aaaa.getAddress()));
      default -> {}
    }
  }

  /** {@code ::ffff:192.0.2.1} is 192.0.2.1 (RFC 4291 §2.5.5.2): checks of addresses rely on it. */
  private static InetAddress unmapped(InetAddress address) {
    byte[] octets = address.getAddress();
    try {
      // Without the scope and the name that dnsjava may have put into it; Java unmaps by itself.
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address: " + Arrays.toString(octets), e);
    }
  }

  private static @Nullable Name absolute(String name) {
    try {
      Name parsed = Name.fromString(name, Name.root);
      return parsed.labels() <= 1 ? null : parsed;
    } catch (TextParseException e) {
      return null;
    }
  }

  private static String text(Name name) {
    return name.equals(Name.root) ? "" : name.toString(true).toLowerCase(Locale.ROOT);
  }
}
