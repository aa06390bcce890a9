package dev.bridgehead.dns;

import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** What is asked of the DNS. */
record Question(Name name, int type) {
  @Override
  public String toString() {
    return name.toString(true) + " " + Type.string(type);
  }
}
