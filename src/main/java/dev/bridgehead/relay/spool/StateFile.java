package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a message's state file: what has become of its recipients so far. One line and its
 * checksum; replaced as a whole.
 */
final class StateFile {
  private static final Pattern FORM =
      Pattern.compile("attempts ([0-9]{1,9}) next (\\S+) settled((?: [0-9]{1,9})*)");

  private StateFile() {}

  /**
   * @param settled indexes into the envelope's recipients
   */
  record State(TreeSet<Integer> settled, int attempts, Instant nextAttempt) {}

  static byte[] encode(State state) {
    StringBuilder line =
        new StringBuilder("attempts " + state.attempts + " next " + state.nextAttempt + " settled");
    state.settled.forEach(index -> line.append(' ').append(index));
    String checksum = "\ncrc %08x\n".formatted(crc(line.toString()));
    return line.append(checksum).toString().getBytes(StandardCharsets.US_ASCII);
  }

  static State read(Disk disk, Path file) throws IOException {
    String text;
    try (InputStream in = disk.read(file, 0)) {
      text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
    int end = text.indexOf('\n');
    if (end < 0
        || !text.substring(end).equals("\ncrc %08x\n".formatted(crc(text.substring(0, end))))) {
      throw new DamagedFileException("it fails its checksum");
    }
    Matcher matcher = FORM.matcher(text.substring(0, end));
    if (!matcher.matches()) {
      throw new DamagedFileException("it can't be read");
    }
    TreeSet<Integer> settled = new TreeSet<>();
    for (String index : matcher.group(3).strip().split(" ")) {
      if (!index.isEmpty()) {
        settled.add(Integer.valueOf(index));
      }
    }
    try {
      Instant next = Instant.parse(matcher.group(2));
      return new State(settled, Integer.parseInt(matcher.group(1)), next);
    } catch (DateTimeException e) {
      throw new DamagedFileException("it can't be read: " + e.getMessage());
    }
  }

  private static int crc(String text) {
    return MessageFile.crc(text.getBytes(StandardCharsets.US_ASCII));
  }
}
