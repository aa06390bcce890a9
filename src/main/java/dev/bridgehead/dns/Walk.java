package dev.bridgehead.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Reads one reply from the name that was asked for, along its aliases. Records of any other name
 * are as if they weren't there: a server may put what it likes into a reply.
 */
final class Walk {
  private final Message reply;
  private final int type;
  private Name at;
  private int aliases;
  private long ttl = Long.MAX_VALUE;

  /** Where a walk ends. */
  sealed interface End {
    /**
     * At records.
     *
     * @param ttl seconds, the smallest on the way
     */
    record Records(Name owner, List<Record> records, long ttl) implements End {}

    /**
     * At a denial.
     *
     * @param exists the name does, without records of the type
     * @param ttl seconds, by RFC 2308 §5; 0 where the reply doesn't say
     */
    record Denied(Name owner, boolean exists, long ttl) implements End {}

    /**
     * At an alias whose target the reply says nothing about: it is to be asked for.
     *
     * @param aliases how many were followed
     */
    record Alias(Name target, int aliases, long ttl) implements End {}

    /** At more aliases than anybody needs, or in a circle of them. */
    record TooManyAliases(Name at) implements End {}
  }

  private Walk(Message reply, Name start, int type) {
    this.reply = reply;
    this.at = start;
    this.type = type;
  }

  /**
   * @param maxAliases how many may be followed
   */
  static End through(Message reply, Name start, int type, int maxAliases) {
    return new Walk(reply, start, type).go(maxAliases);
  }

  private End go(int maxAliases) {
    List<RRset> answer = reply.getSectionRRsets(Section.ANSWER);
    while (true) {
      RRset wanted = find(answer, type);
      if (wanted != null) {
        return new End.Records(at, wanted.rrs(false), Math.min(ttl, wanted.getTTL()));
      }
      RRset alias = find(answer, Type.CNAME);
      if (alias == null) {
        return end();
      }
      if (++aliases > maxAliases) {
        return new End.TooManyAliases(at);
      }
      ttl = Math.min(ttl, alias.getTTL());
      at = ((CNAMERecord) alias.first()).getTarget();
    }
  }

  private End end() {
    SOARecord soa = soa();
    if (reply.getRcode() == Rcode.NXDOMAIN) { // of the last name (RFC 6604 §3)
      return new End.Denied(at, false, negativeTtl(soa));
    }
    return aliases > 0 && soa == null
        ? new End.Alias(at, aliases, ttl)
        : new End.Denied(at, true, negativeTtl(soa));
  }

  private long negativeTtl(@Nullable SOARecord soa) {
    return soa == null ? 0 : Math.min(ttl, Math.min(soa.getTTL(), soa.getMinimum()));
  }

  private @Nullable SOARecord soa() {
    for (RRset set : reply.getSectionRRsets(Section.AUTHORITY)) {
      if (set.first() instanceof SOARecord soa && at.subdomain(soa.getName())) {
        return soa;
      }
    }
    return null;
  }

  private @Nullable RRset find(List<RRset> sets, int wanted) {
    for (RRset set : sets) {
      if (set.getType() == wanted
          && set.getDClass() == DClass.IN
          && set.getName().equals(at)
          && !set.rrs(false).isEmpty()) {
        return set;
      }
    }
    return null;
  }
}
