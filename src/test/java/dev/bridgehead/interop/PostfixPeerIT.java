package dev.bridgehead.interop;

import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.TestCa;
import java.util.Set;

class PostfixPeerIT extends MailPeerContract {
  @Override
  MailPeer start(TestCa.Identity identity, Onward onward) {
    return PostfixServer.peer(identity, onward);
  }

  @Override
  Set<String> offers() {
    return Set.of(
        "8BITMIME",
        "CHUNKING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "ETRN",
        "PIPELINING",
        "SIZE",
        "SMTPUTF8",
        "STARTTLS",
        "VRFY");
  }
}
