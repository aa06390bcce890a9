package dev.bridgehead.validation;

import dev.bridgehead.api.SmtpConnectorSpec;

/** Who hears of what went wrong. */
final class PostmasterRules {
  private static final String FIELD = "spec.postmaster";

  private PostmasterRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    String postmaster = spec.postmaster();
    if (postmaster == null) {
      findings.warning(
          FIELD,
          "absent: mail to <postmaster> is put off, and notices that cannot be delivered are held");
      return;
    }
    try {
      MailAddress.parse(postmaster);
    } catch (IllegalArgumentException refused) {
      findings.invalid(FIELD, postmaster, String.valueOf(refused.getMessage()));
    }
  }
}
