package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The form of a message's file: content, envelope ({@link EnvelopeText}), footer. The footer is one
 * line of constant length that gives the envelope's length and the checksums of both, so that a
 * start reads the end of each file only, and one file, one sync and one rename are enough for a
 * message.
 */
final class MessageFile {
  static final int FOOTER_OCTETS = 48;
  private static final Pattern FOOTER =
      Pattern.compile("bridgehead-message1 ([0-9]{9}) ([0-9a-f]{8}) ([0-9a-f]{8})\n");
  private static final int MOST_ENVELOPE_OCTETS = 16 << 20;

  private MessageFile() {}

  /**
   * What the end of a file says.
   *
   * @param size octets of the content
   * @param contentCrc CRC-32C of the content
   */
  record Tail(Envelope envelope, long size, int contentCrc) {}

  /** Envelope and footer, to be appended to a content with this checksum. */
  static byte[] tail(Envelope envelope, int contentCrc) {
    byte[] text = EnvelopeText.encode(envelope);
    byte[] footer =
        // Digits must be ASCII whatever the machine's language.
        String.format(
                Locale.ROOT,
                "bridgehead-message1 %09d %08x %08x\n",
                text.length,
                contentCrc,
                crc(text))
            .getBytes(StandardCharsets.US_ASCII);
    byte[] tail = new byte[text.length + footer.length];
    System.arraycopy(text, 0, tail, 0, text.length);
    System.arraycopy(footer, 0, tail, text.length, footer.length);
    return tail;
  }

  /**
   * Reads a file's envelope and footer.
   *
   * @throws DamagedFileException where they are not what {@link #tail} made
   */
  static Tail read(Disk disk, Path file) throws IOException {
    long length = disk.size(file);
    if (length < FOOTER_OCTETS) {
      throw new DamagedFileException("it is too short");
    }
    byte[] footer = octets(disk, file, length - FOOTER_OCTETS, FOOTER_OCTETS);
    Matcher matcher = FOOTER.matcher(new String(footer, StandardCharsets.ISO_8859_1));
    if (!matcher.matches()) {
      throw new DamagedFileException("its end is missing");
    }
    int envelopeLength = Integer.parseInt(matcher.group(1));
    long size = length - FOOTER_OCTETS - envelopeLength;
    if (envelopeLength > MOST_ENVELOPE_OCTETS || size < 0) {
      throw new DamagedFileException("its envelope is longer than it can be");
    }
    byte[] envelope = octets(disk, file, size, envelopeLength);
    if (crc(envelope) != Integer.parseUnsignedInt(matcher.group(3), 16)) {
      throw new DamagedFileException("its envelope fails its checksum");
    }
    int contentCrc = Integer.parseUnsignedInt(matcher.group(2), 16);
    return new Tail(EnvelopeText.decode(envelope), size, contentCrc);
  }

  static int crc(byte[] octets) {
    CRC32C crc = new CRC32C();
    crc.update(octets);
    return (int) crc.getValue();
  }

  private static byte[] octets(Disk disk, Path file, long offset, int length) throws IOException {
    try (InputStream in = disk.read(file, offset)) {
      byte[] octets = in.readNBytes(length);
      if (octets.length < length) {
        throw new DamagedFileException("it is too short");
      }
      return octets;
    }
  }
}
