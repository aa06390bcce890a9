package dev.bridgehead.validation;

/**
 * The recipient domains that an address space names, as in Exchange: all, one, or one and all below
 * it.
 */
public sealed interface AddressSpacePattern {
  /** {@code *}. */
  record Every() implements AddressSpacePattern {
    @Override
    public String toString() {
      return "*";
    }
  }

  /** {@code example.com}. */
  record Exactly(String domain) implements AddressSpacePattern {
    @Override
    public String toString() {
      return domain;
    }
  }

  /** {@code *.example.com}: example.com and all below it. */
  record AndBelow(String domain) implements AddressSpacePattern {
    @Override
    public String toString() {
      return "*." + domain;
    }
  }

  /**
   * Reads a pattern; names are brought into their canonical form.
   *
   * @throws IllegalArgumentException with advice
   */
  static AddressSpacePattern parse(String text) {
    if (text.equals("*")) {
      return new Every();
    }
    boolean below = text.startsWith("*.");
    String name = below ? text.substring(2) : text;
    if (name.indexOf('*') >= 0) {
      throw new IllegalArgumentException(
          "must be *, a domain, or *. and a domain, such as *.example.com; a * can stand nowhere"
              + " else");
    }
    try {
      String domain = DomainName.labels(name);
      return below ? new AndBelow(domain) : new Exactly(domain);
    } catch (IllegalArgumentException notAName) {
      throw new IllegalArgumentException(
          "must be *, a domain such as example.com, or *. and a domain, such as *.example.com",
          notAName);
    }
  }

  /** Whether mail to that domain, in any form, belongs here. */
  default boolean matches(String recipientDomain) {
    return switch (this) {
      case Every every -> true;
      case Exactly(String domain) -> domain.equals(DomainName.canonical(recipientDomain));
      case AndBelow(String domain) -> isAtOrBelow(DomainName.canonical(recipientDomain), domain);
    };
  }

  private static boolean isAtOrBelow(String name, String domain) {
    return name.endsWith(domain)
        && (name.length() == domain.length()
            || name.charAt(name.length() - domain.length() - 1) == '.');
  }
}
