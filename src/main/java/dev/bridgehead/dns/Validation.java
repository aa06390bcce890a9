package dev.bridgehead.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Who validates answers (DNSSEC). */
public sealed interface Validation {
  /**
   * This process does, whatever the servers say.
   *
   * @param anchors trust anchors, DS or DNSKEY records as in a zone file; null: those of the root,
   *     which this program knows
   * @param unsigned domains that are not validated, with all below them: private ones that the
   *     world's signed zones deny (RFC 7646)
   */
  record InProcess(@Nullable String anchors, Set<String> unsigned) implements Validation {
    /** RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476; and names that many networks use. */
    private static final List<String> PRIVATE =
        List.of(
            "alt",
            "corp",
            "example",
            "home",
            "home.arpa",
            "internal",
            "intranet",
            "invalid",
            "lan",
            "local",
            "localhost",
            "mail",
            "onion",
            "private",
            "test");

    public InProcess {
      unsigned = Set.copyOf(unsigned);
    }

    /** With the root's anchors; private names, and those given, are not validated. */
    public static InProcess standard(Set<String> unsigned) {
      return new InProcess(null, with(unsigned));
    }

    /**
     * With anchors from a file; private names, and those given, are not validated where no anchor
     * lies at or below them.
     *
     * @throws IllegalArgumentException with one line: not records, or none of them an anchor
     */
    public static InProcess anchored(String anchors, Set<String> unsigned) {
      check(anchors);
      return new InProcess(anchors, with(unsigned));
    }

    private static Set<String> with(Set<String> unsigned) {
      Set<String> all = new TreeSet<>(PRIVATE);
      all.addAll(unsigned);
      return all;
    }

    private static void check(String anchors) {
      int found = 0;
      try (Master records = master(anchors)) {
        for (Record record = records.nextRecord(); record != null; record = records.nextRecord()) {
          found += record.getType() == Type.DS || record.getType() == Type.DNSKEY ? 1 : 0;
        }
      } catch (IOException | RuntimeException e) {
        throw new IllegalArgumentException("not records as in a zone file: " + e.getMessage(), e);
      }
      if (found == 0) {
        throw new IllegalArgumentException("holds no DS or DNSKEY record");
      }
    }

    private static Master master(String text) {
      return new Master(
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Name.root, 0);
    }
  }

  /** The servers do, and the way to them is safe: their word (the AD bit) is taken. */
  record ByServers() implements Validation {}

  /** Nobody does. */
  record Off() implements Validation {}
}
