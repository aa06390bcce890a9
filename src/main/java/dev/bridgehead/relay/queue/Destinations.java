package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.routing.Destination;

/** What the queue asks of routing. */
@FunctionalInterface
public interface Destinations {
  /** Where a recipient's mail goes at present. Looks nothing up. */
  Destination of(MailAddress recipient);

  /** Somebody wants mail to be tried now: no host is taken for dead because it was. */
  default void forgetDeadHosts() {}
}
