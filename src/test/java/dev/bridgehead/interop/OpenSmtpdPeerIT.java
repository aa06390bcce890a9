package dev.bridgehead.interop;

import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.OtherMailServer;
import dev.bridgehead.testbed.TestCa;
import java.util.Set;

class OpenSmtpdPeerIT extends MailPeerContract {
  @Override
  MailPeer start(TestCa.Identity identity, Onward onward) {
    return OtherMailServer.openSmtpd(identity, onward);
  }

  @Override
  Set<String> offers() {
    return Set.of("8BITMIME", "DSN", "ENHANCEDSTATUSCODES", "HELP", "SIZE", "STARTTLS");
  }

  /** Debian 12's can't with OpenSSL 3: "missing private key" (OpenSMTPD/OpenSMTPD#1171). */
  @Override
  boolean shakesHands() {
    return false;
  }

  /** Whose envelope it was it does not say. */
  @Override
  String reportOfSuccess() {
    return "\nAction: delivered\n";
  }
}
