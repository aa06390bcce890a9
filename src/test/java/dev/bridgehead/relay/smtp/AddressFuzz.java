package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.AddressSpacePattern;
import dev.bridgehead.validation.Cidr;
import dev.bridgehead.validation.DomainName;
import dev.bridgehead.validation.IpAddress;

/**
 * Addresses, and the names and numbers in them. What is accepted is in one form only, reads again
 * as itself, and its domain is what stands behind the last {@code @}: no reader downstream takes
 * another part for it. The input is a path with what follows it.
 */
public final class AddressFuzz {
  private AddressFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, UTF_8);
    path(text);
    values(text);
  }

  private static void path(String text) {
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
      return; // no command line has them
    }
    MailPath path;
    try {
      path = MailPath.parse(text.substring(0, MailPath.endOf(text, 0)));
    } catch (IllegalArgumentException faulty) {
      assertThat(faulty.getMessage()).matches("[ -~]+");
      return;
    }
    MailAddress address = path.address();
    if (address == null) {
      return;
    }
    String printed = address.toString();
    assertThat(printed).doesNotContainPattern("[\\x00-\\x1F\\x7F-\\x9F\\u2028\\u2029]");
    assertThat(printed.substring(printed.lastIndexOf('@') + 1)).isEqualTo(address.domain());
    assertThat(address.domain()).matches("[a-z0-9.-]{1,253}|\\[[IPv6a-f0-9:.]{2,46}]");
    assertThat(address.localPart().getBytes(UTF_8).length).isLessThanOrEqualTo(64);
    String again = "<" + printed + ">";
    if (again.getBytes(UTF_8).length <= MailPath.MAX_PATH) {
      assertThat(MailPath.endOf(again, 0)).isEqualTo(again.length());
      assertThat(MailPath.parse(again).address()).isEqualTo(address);
    }
  }

  private interface Parser<T> {
    T parse(String text);
  }

  private static void values(String text) {
    twice(text, it -> DomainName.parse(it).ascii());
    twice(text, it -> AddressSpacePattern.parse(it).toString());
    twice(text, it -> Cidr.parse(it).toString());
    twice(text, it -> "[" + AddressLiteral.parse(it).getHostAddress() + "]");
    twice(
        text,
        it -> IpAddress.parse(it).orElseThrow(IllegalArgumentException::new).getHostAddress());
  }

  /** What comes out reads as itself. */
  private static void twice(String text, Parser<String> parser) {
    String once;
    try {
      once = parser.parse(text);
    } catch (IllegalArgumentException faulty) {
      return;
    }
    assertThat(parser.parse(once)).isEqualTo(once);
  }
}
