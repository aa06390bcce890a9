package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the client asked to be told, as it is passed on (RFC 3461 §5.2.1): unchanged. */
final class DsnRequest {
  private final DsnParameters dsn;
  private final Map<MailAddress, ForRecipient> recipients = new HashMap<>();

  DsnRequest(Envelope envelope) {
    this.dsn = envelope.dsn();
    List<MailAddress> all = envelope.recipients();
    for (int i = 0; i < dsn.recipients().size(); i++) {
      recipients.put(all.get(i), dsn.recipients().get(i));
    }
  }

  /** Parameters for MAIL, each after a space. */
  String forMail() {
    return (dsn.returned() == null ? "" : " RET=" + dsn.returned())
        + (dsn.envelopeId() == null ? "" : " ENVID=" + dsn.envelopeId());
  }

  /** Parameters for RCPT, each after a space. */
  String forRecipient(MailAddress recipient) {
    ForRecipient asked = recipients.getOrDefault(recipient, ForRecipient.NONE);
    String notify = "";
    if (asked.notifyOn() != null) {
      notify =
          asked.notifyOn().isEmpty()
              ? " NOTIFY=NEVER"
              : asked.notifyOn().stream()
                  .sorted()
                  .map(Notify::name)
                  .collect(Collectors.joining(",", " NOTIFY=", ""));
    }
    return notify
        + (asked.originalRecipient() == null ? "" : " ORCPT=" + asked.originalRecipient());
  }
}
