package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Access;
import dev.bridgehead.api.AddressSpace;
import dev.bridgehead.api.Autoscaling;
import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.Deletion;
import dev.bridgehead.api.Delivery;
import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.Outbound;
import dev.bridgehead.api.OutboundTls;
import dev.bridgehead.api.PodResources;
import dev.bridgehead.api.PodSettings;
import dev.bridgehead.api.ProxyProtocol;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.ServiceAccountRef;
import dev.bridgehead.api.ServiceType;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.Storage;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.api.TrafficPolicy;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a record holds. To repeat a run: {@code -Dbridgehead.seed=N}. */
class RandomCasesTest {
  private static final int CASES = 20_000;

  private static final String[] PIECES = {
    ".",
    "..",
    "-",
    "_",
    "*",
    "*.",
    "@",
    "[",
    "]",
    ":",
    "::",
    "/",
    "%",
    "\"",
    "\\",
    "IPv6:",
    "ffff:",
    "a",
    "A",
    "é",
    "ß",
    "ü",
    "xn--",
    "xn--bcher-kva",
    "例え",
    "。",
    "．",
    "\u200b",
    "\u200d",
    "\u00a0",
    "\u00ad",
    "\u202e",
    "\ud800",
    "\udc00",
    "🙂",
    " ",
    "\t",
    "\r\n",
    "\u0000",
    "\u007f",
    "0",
    "1",
    "25",
    "127",
    "255",
    "256",
    "0x7f",
    "010",
    "e99",
    "Mi",
    "Ki",
    "1e",
    "example",
    "com",
    "smtp",
    ".net",
    "mail",
    "svc",
    "cluster",
    "local",
    "192.0.2.1",
    "2001:db8",
    "1m",
    "5d",
    "999999999d",
    "\u0661",
    "\u0130",
    "a\u0301",
    "\ufeff",
    "٠",
    "{",
    "}",
    "$",
    "|",
    "a".repeat(63),
    "b".repeat(300)
  };

  private final long seed = Long.getLong("bridgehead.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @BeforeEach
  void printSeed() {
    System.out.println("RandomCasesTest: -Dbridgehead.seed=" + seed);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int pieces = random.nextInt(9);
    for (int i = 0; i < pieces; i++) {
      text.append(
          random.nextInt(8) == 0
              ? Character.toString(random.nextInt(Character.MAX_CODE_POINT + 1))
              : PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  @SuppressWarnings("NullAway") // holes are the point
  private <T> T maybe(Supplier<T> value) {
    return random.nextInt(5) == 0 ? null : value.get();
  }

  private <T> List<T> list(Supplier<T> item) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.add(maybe(item));
    }
    return list;
  }

  private <E extends Enum<E>> E one(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return constants[random.nextInt(constants.length)];
  }

  private SmtpConnectorSpec spec() {
    return new SmtpConnectorSpec(
        maybe(
            () ->
                new Routing(
                    maybe(() -> one(RoutingMode.class)), maybe(() -> list(this::host)), null)),
        maybe(() -> list(() -> new AddressSpace(maybe(this::text)))),
        maybe(() -> list(this::bridgehead)),
        maybe(
            () ->
                new Outbound(
                    maybe(
                        () ->
                            new OutboundTls(
                                maybe(() -> one(TlsMode.class)),
                                null,
                                maybe(() -> new LocalRef(maybe(this::text))))),
                    null)),
        maybe(
            () ->
                new Access(
                    maybe(() -> list(this::text)),
                    maybe(() -> new LocalRef(maybe(this::text))),
                    maybe(
                        () ->
                            list(
                                () -> new ServiceAccountRef(maybe(this::text), maybe(this::text)))),
                    maybe(random::nextInt),
                    maybe(() -> list(this::text)))),
        maybe(this::text),
        maybe(
            () ->
                new Delivery(
                    maybe(() -> list(this::text)),
                    maybe(this::text),
                    maybe(this::text),
                    maybe(random::nextInt),
                    maybe(random::nextInt))),
        maybe(() -> new Storage(maybe(this::quantity), maybe(this::text))),
        maybe(() -> new Deletion(null, maybe(this::text))),
        maybe(this::pod),
        maybe(
            () ->
                new ClientService(
                    maybe(() -> one(ServiceType.class)),
                    null,
                    maybe(() -> one(TrafficPolicy.class)),
                    null,
                    null,
                    maybe(() -> new ProxyProtocol(maybe(() -> list(this::text)))))));
  }

  private PodSettings pod() {
    return new PodSettings(
        maybe(() -> map(() -> maybe(this::text))),
        maybe(() -> map(() -> maybe(this::text))),
        maybe(
            () ->
                new PodResources(
                    maybe(() -> map(() -> maybe(this::quantity))),
                    maybe(() -> map(() -> maybe(this::quantity))))),
        maybe(() -> map(() -> maybe(this::text))),
        null,
        null,
        null,
        maybe(this::text),
        null);
  }

  private <T extends @Nullable Object> Map<String, T> map(Supplier<T> value) {
    Map<String, T> map = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      map.put(random.nextBoolean() ? "memory" : text(), value.get());
    }
    return map;
  }

  private SmartHost host() {
    return new SmartHost(
        maybe(this::text),
        maybe(random::nextInt),
        maybe(random::nextBoolean),
        maybe(this::text),
        maybe(() -> new LocalRef(maybe(this::text))));
  }

  private BridgeheadEntry bridgehead() {
    return new BridgeheadEntry(
        maybe(this::text),
        maybe(this::text),
        maybe(random::nextInt),
        maybe(() -> new Autoscaling(maybe(random::nextInt), maybe(random::nextInt), null)),
        maybe(
            () ->
                new VirtualServer(
                    maybe(random::nextInt),
                    maybe(random::nextInt),
                    maybe(this::quantity),
                    maybe(() -> BareLineEndings.NORMALIZE),
                    null,
                    maybe(
                        () ->
                            new InboundTls(
                                maybe(() -> new LocalRef(maybe(this::text))),
                                maybe(random::nextBoolean),
                                maybe(random::nextInt))))));
  }

  private Quantity quantity() {
    return new Quantity(maybe(this::text), maybe(this::text));
  }

  @Test
  void judgesAnythingWithoutAnException() {
    for (int i = 0; i < CASES; i++) {
      SmtpConnectorSpec spec = spec();
      String name = maybe(this::text);
      Facts facts = Facts.offline(text(), text());

      Verdict verdict = ConnectorRules.judge(name, spec, facts);

      assertThat(verdict.errors())
          .as("seed %d, case %d: %s", seed, i, spec)
          .allSatisfy(
              error ->
                  assertThat(error.toString())
                      .hasSizeLessThan(2000)
                      .doesNotContain("\n", "\r", "\u0000"));
      assertThat(ConnectorRules.judge(name, spec, facts)).isEqualTo(verdict);
    }
  }

  @Test
  void normalisesOnceAndForAll() {
    for (int i = 0; i < CASES; i++) {
      String text = text();
      isIdempotent(text, DomainName::parse);
      isIdempotent(text, Cidr::parse);
      isIdempotent(text, AddressSpacePattern::parse);
      isIdempotent(text, MailAddress::parse);
      isIdempotent("[" + text + "]", t -> "[" + AddressLiteral.parse(t).getHostAddress() + "]");
      String canonical = DomainName.canonical(text);
      read(text, DomainName::parse)
          .ifPresent(name -> assertThat(canonical).isEqualTo(name.toString()));
    }
  }

  private void isIdempotent(String text, Function<String, ?> parser) {
    read(text, parser)
        .ifPresent(
            value ->
                assertThat(read(value.toString(), parser).map(Object::toString))
                    .as("seed %d: %s", seed, Quoted.of(text))
                    .contains(value.toString()));
  }

  /** Any other exception than the documented one fails the test. */
  private <T extends @Nullable Object> Optional<Object> read(
      String text, Function<String, T> parser) {
    try {
      return Optional.ofNullable(parser.apply(text));
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).as("seed %d: %s", seed, Quoted.of(text)).startsWith("must ");
      return Optional.empty();
    }
  }
}
