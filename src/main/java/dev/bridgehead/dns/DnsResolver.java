package dev.bridgehead.dns;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import dev.bridgehead.dns.Servers.Reply;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A {@link Resolver} on dnsjava's messages, transport and validator: a bounded cache by TTL, equal
 * concurrent look-ups made once, servers that fail replaced by the next, a deadline over all.
 * dnsjava's own {@code LookupSession} tells nobody whether an answer was authenticated.
 */
public final class DnsResolver implements Resolver {
  private static final int MAX_ALIASES = 10;
  private static final int MAX_RECORDS = 100;

  private final DnsSetup setup;
  private final Servers servers;
  private final AnswerCache cache;
  private final Map<Question, CompletableFuture<Lookup<Record>>> pending =
      new ConcurrentHashMap<>();

  public DnsResolver(DnsSetup setup) {
    this.setup = setup;
    this.servers = servers(setup);
    this.cache = new AnswerCache(setup.clock());
  }

  private static Servers servers(DnsSetup setup) {
    FailoverResolver failover = new FailoverResolver(setup.servers(), setup.serverTimeout());
    return switch (setup.validation()) {
      case Validation.InProcess inProcess ->
          new ValidatingServers(inProcess, failover, setup.executor(), setup.clock());
      case Validation.ByServers() -> PlainServers.trusted(failover, setup.executor());
      case Validation.Off() ->
          PlainServers.stating(
              new Dnssec.Indeterminate("DNSSEC is switched off"), failover, setup.executor());
    };
  }

  @Override
  public Lookup<MailExchanger> mx(String domain) {
    return map(
        lookUp(domain, Type.MX),
        records ->
            records.stream()
                .filter(MXRecord.class::isInstance)
                .map(MXRecord.class::cast)
                .map(mx -> new MailExchanger(mx.getPriority(), text(mx.getTarget())))
                .sorted(Comparator.comparingInt(MailExchanger::preference))
                .limit(MAX_RECORDS)
                .toList());
  }

  @Override
  public Lookup<InetAddress> addresses(String host, Set<IpVersion> versions) {
    Name name = absolute(host);
    if (name == null) {
      return noName(host);
    }
    List<CompletableFuture<Lookup<Record>>> asked =
        versions.stream()
            .map(version -> ask(new Question(name, version == IpVersion.IPV4 ? Type.A : Type.AAAA)))
            .toList();
    return Joined.of(asked.stream().map(it -> map(it.join(), DnsResolver::addresses)).toList());
  }

  @Override
  public Lookup<String> alias(String host) {
    return map(
        lookUp(host, Type.CNAME),
        records ->
            records.stream()
                .filter(CNAMERecord.class::isInstance)
                .map(record -> text(((CNAMERecord) record).getTarget()))
                .limit(1)
                .toList());
  }

  @Override
  public Lookup<TlsaRecord> tlsa(String host, int port) {
    return map(
        lookUp("_" + port + "._tcp." + host, Type.TLSA),
        records ->
            records.stream()
                .filter(TLSARecord.class::isInstance)
                .map(TLSARecord.class::cast)
                .map(
                    tlsa ->
                        new TlsaRecord(
                            tlsa.getCertificateUsage(),
                            tlsa.getSelector(),
                            tlsa.getMatchingType(),
                            tlsa.getCertificateAssociationData()))
                .limit(MAX_RECORDS)
                .toList());
  }

  @Override
  public Lookup<String> txt(String name) {
    return map(
        lookUp(name, Type.TXT),
        records ->
            records.stream()
                .filter(TXTRecord.class::isInstance)
                .limit(MAX_RECORDS)
                .map(record -> joined((TXTRecord) record))
                .toList());
  }

  private static String joined(TXTRecord record) {
    return record.getStringsAsByteArrays().stream()
        .map(octets -> new String(octets, StandardCharsets.ISO_8859_1))
        .collect(Collectors.joining());
  }

  private Lookup<Record> lookUp(String domain, int type) {
    Name name = absolute(domain);
    return name == null ? noName(domain) : ask(new Question(name, type)).join();
  }

  private static <T> Lookup<T> noName(String text) {
    return new Lookup<>(new NameError<>(), Dnssec.INSECURE, text);
  }

  private CompletableFuture<Lookup<Record>> ask(Question question) {
    Lookup<Record> known = cache.get(question);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<Lookup<Record>> fresh = new CompletableFuture<>();
    CompletableFuture<Lookup<Record>> running = pending.putIfAbsent(question, fresh);
    if (running != null) {
      return running;
    }
    setup.executor().execute(() -> fresh.complete(follow(question)));
    return fresh
        .completeOnTimeout(
            failed(
                question,
                LookupFailure.unanswered(
                    "no answer within " + setup.deadline().toSeconds() + " seconds")),
            setup.deadline().toMillis(),
            TimeUnit.MILLISECONDS)
        .whenComplete((lookup, thrown) -> pending.remove(question, fresh));
  }

  /** Asks, and asks on where an alias leads out of a reply. */
  private Lookup<Record> follow(Question question) {
    Name at = question.name();
    Dnssec dnssec = Dnssec.SECURE;
    int aliases = 0;
    long ttl = Long.MAX_VALUE;
    try {
      while (true) {
        Reply reply = servers.ask(at, question.type());
        dnssec = dnssec.and(reply.dnssec());
        switch (Walk.through(reply.message(), at, question.type(), MAX_ALIASES - aliases)) {
          case Walk.End.Records(Name owner, List<Record> records, long lives) -> {
            return keep(question, new Found<>(records), dnssec, owner, Math.min(ttl, lives));
          }
          case Walk.End.Denied(Name owner, boolean exists, long lives) -> {
            Answer<Record> denial = exists ? new NoData<>() : new NameError<>();
            return keep(question, denial, dnssec, owner, Math.min(ttl, lives));
          }
          case Walk.End.Alias(Name target, int followed, long lives) -> {
            at = target;
            aliases += followed;
            ttl = Math.min(ttl, lives);
          }
          case Walk.End.TooManyAliases(Name last) ->
              throw LookupFailure.unanswered(
                  "more than " + MAX_ALIASES + " aliases (CNAME), the last one " + text(last));
        }
      }
    } catch (LookupFailure e) {
      Lookup<Record> failure = failed(question, e);
      cache.put(question, failure, 0);
      return failure;
    } catch (RuntimeException e) { // dnsjava, with a reply that nobody thought of
      Lookup<Record> failure =
          failed(
              question,
              LookupFailure.unanswered(
                  "the reply can't be read (" + e.getClass().getSimpleName() + ")"));
      cache.put(question, failure, 0);
      return failure;
    }
  }

  private Lookup<Record> keep(
      Question question, Answer<Record> answer, Dnssec dnssec, Name owner, long ttl) {
    Lookup<Record> lookup = new Lookup<>(answer, dnssec, text(owner));
    cache.put(question, lookup, ttl);
    return lookup;
  }

  private static Lookup<Record> failed(Question question, LookupFailure why) {
    return new Lookup<>(
        new TemporaryFailure<>("look-up of " + question + " failed: " + why.text()),
        why.dnssec(),
        text(question.name()));
  }

  private static <T> Lookup<T> map(Lookup<Record> lookup, Function<List<Record>, List<T>> records) {
    Answer<T> answer =
        switch (lookup.answer()) {
          case Found<Record>(List<Record> found) -> {
            List<T> values = records.apply(found);
            yield values.isEmpty() ? new NoData<>() : new Found<>(values);
          }
          case NoData<Record>() -> new NoData<>();
          case NameError<Record>() -> new NameError<>();
          case TemporaryFailure<Record>(String text) -> new TemporaryFailure<>(text);
        };
    return new Lookup<>(answer, lookup.dnssec(), lookup.owner());
  }

  private static List<InetAddress> addresses(List<Record> records) {
    return records.stream()
        .limit(MAX_RECORDS)
        .<InetAddress>mapMulti(
            (record, into) -> {
              switch (record) {
                case ARecord a -> into.accept(unmapped(a.getAddress()));
                case AAAARecord aaaa -> into.accept(unmapped(aaaa.getAddress()));
                default -> {}
              }
            })
        .toList();
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
