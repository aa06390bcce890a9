package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.MailAddress;

/** Which recipients are taken from whom. Pure. */
final class RecipientPolicy {
  private RecipientPolicy() {}

  /**
   * The address that mail for a path goes to.
   *
   * @param path never {@code <>}
   * @throws RefusedException with the reply to RCPT
   */
  static MailAddress recipient(MailPath path, RelayConfig config, Client client)
      throws RefusedException {
    MailAddress address = path.address();
    if (address == null || isPostmasterHere(address, config)) {
      return postmaster(config);
    }
    if (!client.mayRelay(config.access())) {
      if (!config.access().accounts().mechanisms().isEmpty()) {
        throw new RefusedException(
            Refusal.RELAY_DENIED,
            530,
            7,
            0,
            "authentication required: "
                + TraceFields.literal(client.address())
                + " may send through this server after AUTH only");
      }
      throw new RefusedException(
          Refusal.RELAY_DENIED,
          550,
          7,
          1,
          "relaying denied: "
              + TraceFields.literal(client.address())
              + " may not send through this server");
    }
    if (!config.routes().carries(address.domain())) {
      throw new RefusedException(
          Refusal.NOT_CARRIED,
          550,
          7,
          1,
          "relaying denied: "
              + address.domain()
              + " is not in the address spaces of connector "
              + config.identity().connector());
    }
    return address;
  }

  private static boolean isPostmasterHere(MailAddress address, RelayConfig config) {
    return address.localPart().equalsIgnoreCase("postmaster")
        && address.domain().equals(config.identity().hostname());
  }

  /** Every server takes mail for its postmaster, from anyone (RFC 5321 section 4.5.1). */
  private static MailAddress postmaster(RelayConfig config) throws RefusedException {
    MailAddress postmaster = config.access().postmaster();
    if (postmaster == null) {
      throw new RefusedException(
          Refusal.NO_POSTMASTER, 450, 3, 5, "this server has no postmaster configured yet");
    }
    return postmaster;
  }
}
