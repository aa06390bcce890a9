package dev.bridgehead.cli;

import dev.bridgehead.cli.Ledger.Entry;
import dev.bridgehead.cli.Ledger.Kind;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A next hop that writes into the ledger before it answers 250, and checks that what it got is what
 * was sent. A virtual thread a connection.
 */
final class LedgerHop implements AutoCloseable {
  private static final Pattern PATH = Pattern.compile("<([^@>]*)(@[^>]*)?>");
  private static final Pattern FINAL_RECIPIENT =
      Pattern.compile("(?m)^Final-Recipient: rfc822; *([^@\\s]+)@");

  private final Ledger ledger;
  private final ServerSocket server;
  private final Set<Entry> putOff = ConcurrentHashMap.newKeySet();
  private final Set<Socket> connected = ConcurrentHashMap.newKeySet();

  /** Done between the ledger's line and the 250; then it is replaced by nothing. */
  private final AtomicReference<Runnable> beforeAnswer = new AtomicReference<>(() -> {});

  LedgerHop(Ledger ledger) throws IOException {
    this(ledger, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  LedgerHop(Ledger ledger, InetSocketAddress address) throws IOException {
    this.ledger = ledger;
    server = new ServerSocket();
    server.bind(address, 200);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /**
   * To be done before each 250 after a message: where the relay can't know yet that it is taken.
   */
  void beforeAnswer(Runnable action) {
    beforeAnswer.set(action);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        ledger.fault("the next hop can't accept: " + e);
      }
    }
  }

  private void serve(Socket socket) {
    connected.add(socket);
    try (socket) {
      new Session(socket).run();
    } catch (IOException e) {
      ledger.broken();
    } catch (RuntimeException e) {
      ledger.fault("the next hop can't read: " + e);
    } finally {
      connected.remove(socket);
    }
  }

  /** Takes no more connections, and ends those that are open. */
  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : connected) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Session {
    private final InputStream in;
    private final OutputStream out;
    private final List<String> recipients = new ArrayList<>();
    private final int life = ledger.life();
    private boolean notice;

    Session(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    void run() throws IOException {
      reply("220 ledger.example.net ESMTP");
      for (byte[] line = line(); line != null; line = line()) {
        String command = new String(line, StandardCharsets.US_ASCII);
        switch (command.substring(0, Math.min(4, command.length()))) {
          case "EHLO" -> reply("250-ledger.example.net\r\n250-PIPELINING\r\n250 8BITMIME");
          case "MAIL" -> {
            recipients.clear();
            notice = command.startsWith("MAIL FROM:<>");
            reply("250 2.1.0 Ok");
          }
          case "RCPT" -> recipient(localPart(command));
          case "DATA" -> data();
          case "RSET" -> {
            recipients.clear();
            reply("250 2.0.0 Ok");
          }
          case "QUIT" -> {
            reply("221 2.0.0 Bye");
            return;
          }
          default -> reply("502 5.5.1 " + command);
        }
      }
    }

    private void recipient(String localPart) throws IOException {
      if (localPart.startsWith("sender-")) {
        recipients.add(localPart);
        reply("250 2.1.5 Ok");
        return;
      }
      Entry entry = Entry.of(localPart);
      if (entry.kind() == Kind.GONE) {
        reply("550 5.1.1 No such user");
      } else if (entry.kind() == Kind.LATER && putOff.add(entry)) {
        reply("451 4.2.0 Later");
      } else {
        recipients.add(localPart);
        reply("250 2.1.5 Ok");
      }
    }

    private void data() throws IOException {
      if (recipients.isEmpty()) {
        reply("554 5.5.1 No valid recipients");
        return;
      }
      reply("354 Go on");
      String content = content();
      if (notice) {
        Matcher about = FINAL_RECIPIENT.matcher(content);
        while (about.find()) {
          Entry entry = Entry.of(about.group(1));
          if (entry.kind() != Kind.GONE) {
            ledger.fault(entry + " came back to its sender, and nobody refused it");
          }
          ledger.receive(entry, life);
        }
      } else {
        long message = LedgerMessage.read(content, ledger::fault);
        for (String recipient : recipients) {
          Entry entry = Entry.of(recipient);
          if (entry.message() != message) {
            ledger.fault(entry + " got the content of " + message);
          }
          ledger.receive(entry, life);
        }
      }
      beforeAnswer.get().run();
      reply("250 2.0.0 Ok");
    }

    /** Up to the dot, dot-unstuffed; octets as ISO 8859-1. */
    private String content() throws IOException {
      var content = new ByteArrayOutputStream();
      while (true) {
        byte[] line = line();
        if (line == null) {
          throw new IOException("ended within a message");
        }
        if (line.length == 1 && line[0] == '.') {
          return content.toString(StandardCharsets.ISO_8859_1);
        }
        int start = line.length > 0 && line[0] == '.' ? 1 : 0;
        content.write(line, start, line.length - start);
        content.write('\r');
        content.write('\n');
      }
    }

    /** Without its CRLF; null at the end. */
    private byte @org.jspecify.annotations.Nullable [] line() throws IOException {
      var line = new ByteArrayOutputStream();
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        if (octet == '\n') {
          byte[] all = line.toByteArray();
          return java.util.Arrays.copyOf(all, Math.max(0, all.length - 1));
        }
        line.write(octet);
      }
      return null;
    }

    private void reply(String text) throws IOException {
      out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }

    private static String localPart(String command) {
      Matcher path = PATH.matcher(command);
      if (!path.find()) {
        throw new IllegalArgumentException(command);
      }
      return path.group(1);
    }
  }
}
