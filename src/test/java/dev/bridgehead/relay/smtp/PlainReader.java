package dev.bridgehead.relay.smtp;

import java.util.ArrayList;
import java.util.List;

/** Bodies of the messages that a stream of octets holds, read by string search. */
final class PlainReader {
  /** What random streams are made of; no other words does the reader know. */
  static final List<String> PIECES =
      List.of(
          "\r\n",
          "\r\n",
          "\r\n",
          "\r",
          "\n",
          "\0",
          ".",
          ".",
          "\r\n.\r\n",
          "\r\n.\r\n",
          "\n.\n",
          "\r\n.\n",
          "\n.\r\n",
          "\r.\r",
          "EHLO x\r\n",
          "MAIL FROM:<a@b.example>\r\n",
          "MAIL FROM:<a@b.example>\r\n",
          "RCPT TO:<c@d.example>\r\n",
          "RCPT TO:<c@d.example>\r\n",
          "DATA\r\n",
          "DATA\r\n",
          "RSET\r\n",
          "NOOP\r\n",
          "BDAT 10 LAST\r\n",
          "BDAT 12\r\n",
          "BDAT 0 LAST\r\n",
          "bdat 2\r\n",
          "BDAT 1x\r\n",
          "MAIL FROM:",
          "<",
          ">",
          "\"",
          "Subject: x",
          "text",
          "ü",
          "\t",
          " ",
          "QUIT\r\n",
          "GET / HTTP/1.1\r\n",
          "STARTTLS\r\n",
          "HELO y\r\n");

  private static final String BAD = "(?s).*[\r\n\0].*";
  private final boolean goesOn;
  private final List<String> bodies = new ArrayList<>();
  private boolean greeted;
  private boolean mail;
  private boolean rcpt;
  private String chunks = "";
  private boolean chunked;
  private boolean chunkRefused;
  private int errors;

  /**
   * @param goesOn after a refused DATA, as the server does where nothing stands behind it yet; else
   *     all octets come at once, and the session ends there
   */
  PlainReader(boolean goesOn) {
    this.goesOn = goesOn;
  }

  List<String> read(String stream) {
    String rest = stream;
    boolean dataRefused = false;
    for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
      String line = rest.substring(0, end);
      rest = rest.substring(end + 2);
      boolean unknown =
          !line.matches(
              "(EHLO x|HELO y|MAIL FROM:<a@b.example>"
                  + "|MAIL FROM: *<>|RCPT TO:<c@d.example>|DATA|RSET|NOOP|QUIT|STARTTLS|GET .*|BDAT .*) *");
      if (dataRefused && unknown) {
        return bodies;
      }
      dataRefused = false;
      switch (line.replaceAll(" +$", "").replaceAll("^MAIL FROM: +<>", "MAIL FROM:<>")) {
        case "EHLO x", "HELO y" -> {
          greeted = true;
          reset();
        }
        case "MAIL FROM:<a@b.example>", "MAIL FROM:<>" -> {
          errors += greeted && !mail ? 0 : 1;
          mail |= greeted;
        }
        case "RCPT TO:<c@d.example>" -> {
          errors += mail && !chunked ? 0 : 1;
          rcpt |= mail && !chunked;
        }
        case "BDAT 10 LAST", "BDAT 12", "BDAT 0 LAST", "bdat 2" -> {
          int size = Integer.parseInt(line.split(" ")[1]);
          if (rest.length() < size) {
            return bodies;
          }
          chunk(rest.substring(0, size), line.contains("LAST"));
          rest = rest.substring(size);
        }
        case "RSET" -> reset();
        case "NOOP" -> {}
        case "QUIT" -> {
          return bodies;
        }
        case "DATA" -> {
          if (!rcpt || chunked) {
            if (!goesOn) {
              return bodies;
            }
            dataRefused = true;
            errors++;
            break;
          }
          int bodyEnd = ("\r\n" + rest).indexOf("\r\n.\r\n");
          if (bodyEnd < 0) {
            return bodies;
          }
          take(rest.substring(0, bodyEnd));
          rest = rest.substring(bodyEnd + 3);
        }
        default -> {
          if (line.startsWith("BDAT ") || line.startsWith("GET ")) {
            return bodies;
          }
          errors++;
        }
      }
      if (errors >= 20) {
        return bodies;
      }
    }
    return bodies;
  }

  private void chunk(String octets, boolean last) {
    if (!mail) {
      errors++;
      return;
    }
    chunked = true;
    if (!chunkRefused) {
      chunks += octets;
      // A CR at the end may yet be followed by its LF.
      String whole =
          !last && chunks.endsWith("\r") ? chunks.substring(0, chunks.length() - 1) : chunks;
      boolean bad = whole.replace("\r\n", "").matches(BAD);
      chunkRefused = bad || !rcpt;
      errors += chunkRefused ? 1 : 0;
    }
    if (last) {
      if (!chunkRefused) {
        bodies.add(chunks.isEmpty() || chunks.endsWith("\r\n") ? chunks : chunks + "\r\n");
        errors = 0;
      }
      reset();
    }
  }

  private void take(String body) {
    reset();
    if (body.replace("\r\n", "").matches(BAD)) {
      errors++;
    } else {
      bodies.add(("\r\n" + body).replace("\r\n.", "\r\n").substring(2));
      errors = 0;
    }
  }

  private void reset() {
    mail = false;
    rcpt = false;
    chunks = "";
    chunked = false;
    chunkRefused = false;
  }
}
