package dev.bridgehead.interop;

import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.OtherMailServer;
import dev.bridgehead.testbed.TestCa;
import java.util.Set;

class EximPeerIT extends MailPeerContract {
  @Override
  MailPeer start(TestCa.Identity identity, Onward onward) {
    return OtherMailServer.exim(identity, onward);
  }

  @Override
  Set<String> offers() {
    return Set.of(
        "8BITMIME",
        "CHUNKING",
        "DSN",
        "HELP",
        "PIPECONNECT",
        "PIPELINING",
        "SIZE",
        "SMTPUTF8",
        "STARTTLS");
  }

  @Override
  boolean sendsChunks() {
    return true;
  }
}
