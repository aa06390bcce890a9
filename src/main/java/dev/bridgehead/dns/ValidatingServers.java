package dev.bridgehead.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * Validates here, with dnsjava's {@code ValidatingResolver}. A server that takes signatures out of
 * its replies would make every signed domain bogus. With the root's built-in anchors, which nobody
 * here asked for, such servers are noticed ({@link Ability}), and what they say is taken as
 * Indeterminate; with anchors that somebody gave, nothing is taken unproven.
 */
final class ValidatingServers implements Servers {
  /** RFC 9276 §3.2: what iterates more often counts as unsigned. */
  private static final String MAX_NSEC3_ITERATIONS = "150";

  private final ValidatingResolver validator;
  private final ObservedResolver observed;
  private final Servers unvalidated;
  private final Executor executor;
  private final Set<Name> unsigned;
  private final boolean lenient;
  private final Ability ability;

  ValidatingServers(
      Validation.InProcess settings,
      org.xbill.DNS.Resolver resolver,
      Executor executor,
      Clock clock) {
    this.observed = new ObservedResolver(resolver);
    this.validator = new ValidatingResolver(observed, clock.withZone(ZoneOffset.UTC));
    this.unvalidated = PlainServers.stating(Dnssec.INSECURE, resolver, executor);
    this.executor = executor;
    this.ability = new Ability(this::rootsLack, clock);
    this.lenient = settings.anchors() == null;
    this.unsigned =
        settings.unsigned().stream()
            .map(ValidatingServers::name)
            .collect(Collectors.toUnmodifiableSet());
    String anchors = settings.anchors() == null ? RootAnchors.TEXT : settings.anchors();
    try {
      validator.init(limits());
      validator.loadTrustAnchors(
          new ByteArrayInputStream(anchors.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new IllegalArgumentException("the trust anchors can't be read", e);
    }
  }

  /** Against zones that are signed to keep validators busy (CVE-2023-50387, CVE-2023-50868). */
  private static Properties limits() {
    Properties limits = new Properties();
    limits.setProperty("dnsjava.dnssec.max_validate_rrsigs", "8");
    limits.setProperty("dnsjava.dnssec.max_ds_match_failures", "4");
    for (String keySize : new String[] {"1024", "2048", "4096"}) {
      limits.setProperty("dnsjava.dnssec.nsec3.iterations." + keySize, MAX_NSEC3_ITERATIONS);
    }
    limits.setProperty("dnsjava.dnssec.keycache.max_ttl", "3600");
    limits.setProperty("dnsjava.dnssec.keycache.max_size", "10000");
    return limits;
  }

  private static Name name(String domain) {
    try {
      return Name.fromString(domain, Name.root);
    } catch (TextParseException e) {
      throw new IllegalArgumentException(domain + " is no domain", e);
    }
  }

  @Override
  public Reply ask(Name name, int type) throws LookupFailure {
    if (leftUnsigned(name)) {
      return unvalidated.ask(name, type);
    }
    String lack = lenient ? ability.lack() : null;
    return lack == null
        ? validated(name, type)
        : new Reply(unvalidated.ask(name, type).message(), new Dnssec.Indeterminate(lack));
  }

  /** The closest encloser that has an anchor or is left unsigned decides; an anchor wins a tie. */
  private boolean leftUnsigned(Name name) {
    for (Name at = name; ; at = new Name(at, 1)) {
      RRset anchor = validator.getTrustAnchors().find(at, DClass.IN);
      if (anchor == null || anchor.getName().equals(at)) {
        return anchor == null;
      }
      if (unsigned.contains(at)) {
        return true;
      }
    }
  }

  /** Why the root's keys can't be proven, null where they can. */
  private @Nullable String rootsLack() {
    try {
      return validated(Name.root, Type.DNSKEY).dnssec().secure()
          ? null
          : "the root's keys don't validate";
    } catch (LookupFailure e) {
      return "the root's keys don't validate: " + e.text();
    }
  }

  private Reply validated(Name name, int type) throws LookupFailure {
    long failuresBefore = observed.failures();
    Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    Message reply;
    try {
      reply = validator.sendAsync(query, executor).toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw LookupFailure.unanswered(
          "the reply can't be validated ("
              + LookupFailure.cause(e).getClass().getSimpleName()
              + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw LookupFailure.unanswered("interrupted");
    }
    if (reply.getHeader().getFlag(Flags.AD)) {
      return new Reply(reply, Dnssec.SECURE);
    }
    String reason = reason(reply);
    boolean answered = reply.getRcode() == Rcode.NOERROR || reply.getRcode() == Rcode.NXDOMAIN;
    if (answered && reason != null) {
      return new Reply(reply, Dnssec.INSECURE);
    }
    // A look-up of a key that nobody answered leaves dnsjava without a verdict or with "bogus".
    if (observed.failures() != failuresBefore) {
      throw LookupFailure.unanswered(observed.lastFailure());
    }
    throw LookupFailure.bogus(reason == null ? "the answer can't be proven" : reason);
  }

  /** What the validator says beside its verdict: always there where it has come to one. */
  private static @Nullable String reason(Message reply) {
    return reply.getSection(Section.ADDITIONAL).stream()
        .filter(record -> record.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS)
        .filter(TXTRecord.class::isInstance)
        .map(record -> String.join("", ((TXTRecord) record).getStrings()))
        .findFirst()
        .orElse(null);
  }
}
