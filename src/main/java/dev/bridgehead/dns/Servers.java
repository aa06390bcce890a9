package dev.bridgehead.dns;

import org.xbill.DNS.Message;
import org.xbill.DNS.Name;

/** Asks the name servers one question, and says how far their reply is proven. */
interface Servers {
  /**
   * A reply with NOERROR or NXDOMAIN.
   *
   * @param dnssec of the whole reply; not Bogus
   */
  record Reply(Message message, Dnssec dnssec) {}

  /** Blocks for the reply. */
  Reply ask(Name name, int type) throws LookupFailure;
}
