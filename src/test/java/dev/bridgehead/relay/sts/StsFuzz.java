package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.relay.routing.HostNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What the DNS and the web server of any domain say of MTA-STS, and what is kept of it. What is
 * taken is within the bounds of RFC 8461, and written and read again the same; what isn't has a
 * reason of one line. The first octet says what the others are: a policy, the text of TXT records
 * with NUL between them, an answer of HTTP, or a file of the folder.
 */
public final class StsFuzz {
  private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}]+");
  private static final Duration YEAR = Duration.ofSeconds(31_557_600);
  private static final String DOMAIN = "example.com";
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");

  private StsFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch (input[0] & 3) {
      case 0 -> policy(rest);
      case 1 -> record(rest);
      case 2 -> answer(rest);
      default -> file(rest);
    }
  }

  private static void policy(byte[] text) {
    try {
      StsPolicy policy = PolicyText.read(text);
      sound(policy);
      assertThat(read(PolicyText.write(policy))).isEqualTo(policy);
      Kept kept = new Kept(DOMAIN, "1", NOW, policy);
      assertThat(PolicyFolder.read(DOMAIN, PolicyFolder.write(kept))).isEqualTo(kept);
    } catch (PolicyFailure refused) {
      assertThat(refused.text()).matches(LINE);
    }
  }

  private static StsPolicy read(String text) {
    try {
      return PolicyText.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (PolicyFailure e) {
      throw new AssertionError("what was written can't be read: " + e.text(), e);
    }
  }

  private static void sound(StsPolicy policy) {
    assertThat(policy.mx()).hasSizeLessThanOrEqualTo(PolicyText.MOST_MX);
    assertThat(policy.mode() == StsPolicy.Mode.NONE || !policy.mx().isEmpty()).isTrue();
    assertThat(policy.maxAge()).isBetween(Duration.ZERO, YEAR);
    for (String pattern : policy.mx()) {
      String name = pattern.startsWith("*.") ? pattern.substring(2) : pattern;
      assertThat(HostNames.fault(name)).isEmpty();
      String host = pattern.startsWith("*.") ? "host." + name : name;
      assertThat(policy.matches(host)).isTrue();
      assertThat(policy.matches(host + ".")).isTrue();
    }
  }

  private static void record(byte[] texts) {
    List<String> all = List.of(new String(texts, StandardCharsets.ISO_8859_1).split("\0", -1));
    switch (StsRecord.of(new Answer.Found<>(all))) {
      case StsRecord.Announced(String id) -> assertThat(id).matches("[A-Za-z0-9]{1,32}");
      case StsRecord.Unusable(String why) -> assertThat(why).matches(LINE);
      case StsRecord.Absent() ->
          assertThat(all).noneMatch(text -> text.equals("v=STSv1") || text.startsWith("v=STSv1;"));
    }
  }

  private static void answer(byte[] octets) {
    try {
      byte[] body = HttpAnswer.read(new ByteArrayInputStream(octets));
      assertThat(body).hasSizeLessThanOrEqualTo(PolicyText.MOST_OCTETS);
      assertThat(new String(octets, StandardCharsets.ISO_8859_1))
          .matches("(?s)HTTP/1\\.[01] 200.*");
      policy(body);
    } catch (PolicyFailure refused) {
      assertThat(refused.text()).matches(LINE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Behind a sound checksum too, which no fuzzer comes upon. */
  private static void file(byte[] octets) {
    kept(octets);
    CRC32C crc = new CRC32C();
    crc.update(octets);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        "bridgehead mta-sts 1 %08x\n".formatted(crc.getValue()).getBytes(StandardCharsets.UTF_8));
    file.writeBytes(octets);
    kept(file.toByteArray());
  }

  private static void kept(byte[] file) {
    try {
      Kept kept = PolicyFolder.read(DOMAIN, file).notAfter(NOW);
      sound(kept.policy());
      assertThat(kept.expires()).isAfter(kept.fetched());
      assertThat(PolicyFolder.read(DOMAIN, PolicyFolder.write(kept)).policy())
          .isEqualTo(kept.policy());
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).matches(LINE);
    }
  }
}
