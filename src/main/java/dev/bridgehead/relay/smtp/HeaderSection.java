package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.Locale;

/**
 * Passes a message on and watches its header section on the way: counts Received fields, sees what
 * TLS-Required says, and adds fields that are missing at the section's end. Nothing else is
 * changed. Keeps no more than the beginning of one line, however long the section is; a field's
 * name longer than that is none.
 *
 * <p>A message whose first line is no field has no header section (RFC 5322 section 3.5): an empty
 * line then parts what the relay puts before it from the text, so that a first line which begins
 * with a space cannot continue the relay's own field. An mbox {@code From } line is let through.
 */
final class HeaderSection implements OctetSink {
  private static final int MAX_NAME = 100;
  private static final byte[] CRLF = {'\r', '\n'};

  private enum State {
    LINE_START,
    NAME,
    BEFORE_COLON,
    REST_OF_LINE,
    BODY
  }

  private final OctetSink next;
  private final boolean addMissing;
  private final String dateField;
  private final String messageIdField;
  private final byte[] name = new byte[MAX_NAME];
  private int nameLength;
  private State state = State.LINE_START;
  private boolean firstLine = true;
  private final TlsRequiredField tlsRequired = new TlsRequiredField();
  private boolean inTlsRequired;
  private int received;
  private boolean hasDate;
  private boolean hasMessageId;

  /**
   * @param dateField a whole Date field with its CRLF
   * @param messageIdField a whole Message-ID field with its CRLF
   */
  HeaderSection(OctetSink next, boolean addMissing, String dateField, String messageIdField) {
    this.next = next;
    this.addMissing = addMissing;
    this.dateField = dateField;
    this.messageIdField = messageIdField;
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws IOException {
    int end = offset + length;
    int passed = offset; // octets before this one have gone on, or are kept in name
    for (int i = offset; i < end && state != State.BODY; i++) {
      byte octet = octets[i];
      switch (state) {
        case LINE_START -> {
          if (octet == '\r') {
            next.write(octets, passed, i - passed);
            passed = i;
            endOfSection();
          } else if (octet == ' ' || octet == '\t') {
            if (firstLine) {
              noSection();
            } else {
              state = State.REST_OF_LINE;
            }
          } else {
            next.write(octets, passed, i - passed);
            passed = i + 1;
            nameLength = 0;
            inName(octet);
          }
        }
        case NAME, BEFORE_COLON -> {
          passed = i + 1;
          inName(octet);
        }
        case REST_OF_LINE -> {
          if (inTlsRequired) {
            tlsRequired.value(octet);
          }
          if (octet == '\n') {
            state = State.LINE_START;
            firstLine = false;
          }
        }
        case BODY -> throw new IllegalStateException("scanning went on in the body");
      }
    }
    next.write(octets, passed, end - passed);
  }

  /** The next octet of what may be a field's name. */
  private void inName(byte octet) throws IOException {
    boolean nameOctet = octet > ' ' && octet < 0x7F && octet != ':';
    if (octet == ':' && nameLength > 0) {
      field(new String(name, 0, nameLength, US_ASCII).strip().toLowerCase(Locale.ROOT));
      passName(octet);
      state = State.REST_OF_LINE;
    } else if (nameLength + 1 < MAX_NAME && nameOctet && state != State.BEFORE_COLON) {
      name[nameLength++] = octet;
      state = State.NAME;
    } else if (nameLength + 1 < MAX_NAME && nameLength > 0 && (octet == ' ' || octet == '\t')) {
      if (firstLine && isMbox()) {
        passName(octet);
        state = State.REST_OF_LINE;
      } else {
        name[nameLength++] = octet; // obsolete syntax (RFC 5322 section 4.5.8): Subject : x
        state = State.BEFORE_COLON;
      }
    } else {
      notAField(octet);
    }
  }

  private boolean isMbox() {
    String start = new String(name, 0, nameLength, US_ASCII);
    return start.equals("From") || start.equals(">From");
  }

  private void notAField(byte octet) throws IOException {
    if (firstLine) {
      noSection();
    } else {
      endOfSection();
    }
    passName(octet);
  }

  private void passName(byte last) throws IOException {
    name[nameLength++] = last;
    next.write(name, 0, nameLength);
    nameLength = 0;
  }

  private void field(String fieldName) {
    inTlsRequired = false;
    switch (fieldName) {
      case "received" -> received++;
      case "date" -> hasDate = true;
      case "message-id" -> hasMessageId = true;
      case "tls-required" -> {
        inTlsRequired = true;
        tlsRequired.begin();
      }
      default -> {
        // every other field passes
      }
    }
  }

  private void noSection() throws IOException {
    endOfSection();
    next.write(CRLF, 0, CRLF.length);
  }

  private void endOfSection() throws IOException {
    state = State.BODY;
    if (!addMissing) {
      return;
    }
    String missing = (hasDate ? "" : dateField) + (hasMessageId ? "" : messageIdField);
    byte[] octets = missing.getBytes(US_ASCII);
    next.write(octets, 0, octets.length);
  }

  /** Call after the last octet: a message may end within its header section. */
  void finish() throws IOException {
    if (state != State.BODY) {
      next.write(name, 0, nameLength);
      endOfSection();
    }
  }

  /** Received fields of the client. */
  int received() {
    return received;
  }

  /** {@code TLS-Required: No} (RFC 8689 section 3). */
  boolean needsNoTls() {
    return tlsRequired.saysNo();
  }
}
