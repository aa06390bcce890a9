package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The form of a message's state file: what is still to be done for it. A line for each group and a
 * checksum; replaced as a whole.
 */
final class StateFile {
  private StateFile() {}

  static byte[] encode(MessageState state) {
    StringBuilder text = new StringBuilder();
    for (MessageState.Group group : state.open()) {
      text.append(
          "attempts %d next %s hold %s told %b recipients"
              .formatted(group.attempts(), group.due(), group.hold(), group.delayTold()));
      group.recipients().forEach(index -> text.append(' ').append(index));
      text.append('\n');
    }
    String checksum = "crc %08x\n".formatted(crc(text.toString()));
    return text.append(checksum).toString().getBytes(StandardCharsets.US_ASCII);
  }

  static MessageState read(Disk disk, Path file) throws IOException {
    String text;
    try (InputStream in = disk.read(file, 0)) {
      text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
    int end = text.lastIndexOf("crc ");
    if (end < 0
        || !text.substring(end).equals("crc %08x\n".formatted(crc(text.substring(0, end))))) {
      throw new DamagedFileException("it fails its checksum");
    }
    List<MessageState.Group> groups = new ArrayList<>();
    for (String line : text.substring(0, end).lines().toList()) {
      groups.add(group(line.split(" ")));
    }
    return new MessageState(groups);
  }

  private static MessageState.Group group(String[] words) throws DamagedFileException {
    try {
      return new MessageState.Group(
          Stream.of(words).skip(9).map(Integer::valueOf).toList(),
          Integer.parseInt(words[1]),
          Instant.parse(words[3]),
          MessageState.Hold.valueOf(words[5]),
          Boolean.parseBoolean(words[7]));
    } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
      throw new DamagedFileException("it can't be read: " + e.getMessage());
    }
  }

  private static int crc(String text) {
    return MessageFile.crc(text.getBytes(StandardCharsets.US_ASCII));
  }
}
