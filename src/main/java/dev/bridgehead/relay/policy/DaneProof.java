package dev.bridgehead.relay.policy;

import dev.bridgehead.dns.TlsaRecord;
import java.util.List;
import java.util.Set;

/**
 * What proves a host by DANE (RFC 7672 §3).
 *
 * @param base the TLSA base domain: where the records lie, and the name to ask for
 * @param records at least one, each of which can be used; one that fits is enough
 * @param names that a certificate may have where a CA proves it (usage 2); empty where no record is
 *     of that usage
 */
public record DaneProof(String base, List<TlsaRecord> records, Set<String> names) {
  public DaneProof {
    records = List.copyOf(records);
    names = Set.copyOf(names);
    if (records.isEmpty()) {
      throw new IllegalArgumentException("no TLSA record");
    }
  }
}
