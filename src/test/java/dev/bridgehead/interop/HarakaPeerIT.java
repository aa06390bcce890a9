package dev.bridgehead.interop;

import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.OtherMailServer;
import dev.bridgehead.testbed.TestCa;
import java.util.Set;

class HarakaPeerIT extends MailPeerContract {
  @Override
  MailPeer start(TestCa.Identity identity, Onward onward) {
    return OtherMailServer.haraka(identity, onward);
  }

  @Override
  Set<String> offers() {
    return Set.of("8BITMIME", "AUTH", "PIPELINING", "SIZE", "SMTPUTF8", "STARTTLS");
  }

  /** It takes them and drops them, against RFC 5321 section 4.1.1.11. */
  @Override
  boolean refusesWhatItDoesNotOffer() {
    return false;
  }
}
