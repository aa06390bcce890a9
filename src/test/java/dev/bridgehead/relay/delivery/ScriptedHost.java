package dev.bridgehead.relay.delivery;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A next hop on loopback that answers as it is told, command by command. What it isn't told about
 * it answers as a friendly server would.
 */
final class ScriptedHost implements AutoCloseable {
  /** Instead of a reply: closes the connection. */
  static final String CLOSE = "(close)";

  /** Instead of a reply: resets the connection. */
  static final String RESET = "(reset)";

  /** Instead of a reply: says nothing more, but listens. */
  static final String STALL = "(stall)";

  /** Instead of a reply: an octet now and then, never a line. */
  static final String TRICKLE = "(trickle)";

  /** Instead of a reply: 220, then nonsense as soon as something comes. */
  private static final String BROKEN_TLS = "(broken tls)";

  /** The stage before any command, and the one after the final dot. */
  static final String GREETING = "(greeting)";

  static final String END_OF_DATA = "(end of data)";

  private static final String NOTHING = "(say nothing)";

  /** After the reply to the final dot: the friendly reply is none. */
  static final String BETWEEN = "(between messages)";

  private static final AtomicLong ORDER = new AtomicLong();

  private final ServerSocket server;
  private final Thread accepting;
  private final Script script;
  private final @Nullable SSLContext startTls;
  private final SSLParameters parameters;
  private final List<String> clients = new CopyOnWriteArrayList<>();
  private final List<String> namesAsked = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<Taken> messages = new CopyOnWriteArrayList<>();
  private final List<String> breaches = new CopyOnWriteArrayList<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** What to answer. */
  @FunctionalInterface
  interface Script {
    /**
     * @param stage a command, {@link #GREETING} or {@link #END_OF_DATA}
     * @param session counted from 1
     * @return lines joined by CRLF without the last, {@link #CLOSE}, {@link #STALL}, or nothing for
     *     the friendly reply
     */
    Optional<String> reply(String stage, int session);
  }

  /**
   * A message that came as far as its final dot.
   *
   * @param order among those of all hosts
   * @param recipients those that were accepted
   * @param content between 354 and the final dot, as it came
   * @param reply what was answered then, as the script had it
   */
  record Taken(long order, List<String> recipients, byte[] content, String reply) {
    String text() {
      return new String(content, StandardCharsets.ISO_8859_1);
    }
  }

  private ScriptedHost(Script script, ServerSocket server) {
    this(script, server, null, new SSLParameters());
  }

  private ScriptedHost(
      Script script, ServerSocket server, @Nullable SSLContext startTls, SSLParameters parameters) {
    this.startTls = startTls;
    this.parameters = parameters;
    this.script = script;
    this.server = server;
    this.accepting = Thread.ofVirtual().start(this::accept);
  }

  static ScriptedHost friendly() {
    return answering((stage, session) -> Optional.empty());
  }

  /** Offers STARTTLS, and speaks TLS from there on; else friendly. */
  static ScriptedHost startTls(SSLContext tls) {
    return startTls(tls, (stage, session) -> Optional.empty());
  }

  static ScriptedHost startTls(SSLContext tls, Script script) {
    return startTls(tls, new SSLParameters(), script);
  }

  /**
   * @param parameters of the server's side, where they say something
   */
  static ScriptedHost startTls(SSLContext tls, SSLParameters parameters, Script script) {
    try {
      return new ScriptedHost(
          script, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), tls, parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ScriptedHost answering(Script script) {
    try {
      return new ScriptedHost(script, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers one stage, named by how it begins, in every session. */
  static ScriptedHost answering(String start, String reply) {
    return answering(
        (stage, session) -> stage.startsWith(start) ? Optional.of(reply) : Optional.empty());
  }

  /** Speaks TLS from the first octet, and answers one stage, named by how it begins. */
  static ScriptedHost overTls(SSLContext tls, String start, String reply) {
    return overTls(
        tls, (stage, session) -> stage.startsWith(start) ? Optional.of(reply) : Optional.empty());
  }

  /** Speaks TLS from the first octet. */
  static ScriptedHost overTls(SSLContext tls, Script script) {
    return overTls(tls, new SSLParameters(), script);
  }

  /**
   * @param parameters of the server's side, where they say something
   */
  static ScriptedHost overTls(SSLContext tls, SSLParameters parameters, Script script) {
    try {
      SSLServerSocket server =
          (SSLServerSocket)
              tls.getServerSocketFactory()
                  .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      server.setSSLParameters(parameters);
      return new ScriptedHost(script, server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Offers STARTTLS, says 220, and answers the first octets of the handshake with nonsense. */
  static ScriptedHost brokenTls() {
    return answering(
        (stage, session) ->
            switch (stage) {
              case "STARTTLS" -> Optional.of(BROKEN_TLS);
              case String command when command.startsWith("EHLO") ->
                  Optional.of("250-host.example.test\r\n250 STARTTLS");
              default -> Optional.empty();
            });
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  /** All commands of all sessions, in the order of arrival. */
  List<String> commands() {
    return commands;
  }

  List<String> commands(String start) {
    return commands.stream().filter(command -> command.startsWith(start)).toList();
  }

  /** What came between 354 and the final dot, line ends and doubled dots as they came. */
  List<String> messages() {
    return messages.stream().map(Taken::text).toList();
  }

  List<Taken> taken() {
    return messages;
  }

  /** What a client must not do, and did. */
  List<String> breaches() {
    return breaches;
  }

  /** Sessions that have not ended. */
  int open() {
    return open.size();
  }

  /** By SNI, once for each handshake that came about. */
  List<String> namesAsked() {
    return namesAsked;
  }

  /** Whose certificates were shown, once for each handshake that came about; empty for none. */
  List<String> clients() {
    return clients;
  }

  int sessions() {
    return sessions.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        int session = sessions.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket, session));
      } catch (SocketException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket socket, int session) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      new Session(socket, in, out, session).run();
    } catch (IOException | InterruptedException e) {
      // The client, or the test, is gone.
    } finally {
      open.remove(socket);
    }
  }

  /** One session, and what its client may do in it. */
  private final class Session {
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private final int number;
    private final List<String> recipients = new ArrayList<>();
    private String last = "";
    private boolean begun;
    private boolean spoiled;

    Session(Socket socket, InputStream in, OutputStream out, int number) {
      this.socket = socket;
      this.in = in;
      this.out = out;
      this.number = number;
    }

    void run() throws IOException, InterruptedException {
      if (socket instanceof SSLSocket secure) {
        shakeHands(secure);
      }
      boolean on = answer(GREETING, "220 host.example.test ESMTP");
      @Nullable String command;
      while (on && (command = PeerInput.line(in)) != null) {
        commands.add(command);
        watch(command);
        on = answer(command, startTls != null ? offering(command) : friendly(command));
        judge(command);
        if (on && command.equals("STARTTLS") && startTls != null && last.startsWith("220")) {
          encrypt(startTls);
        }
        if (last.equals(BROKEN_TLS)) {
          in.read();
          out.write("this is no TLS\r\n".getBytes(StandardCharsets.US_ASCII));
          return;
        }
        if (on && command.equals("DATA") && last.startsWith("354")) {
          on = content();
        }
      }
    }

    private String offering(String command) {
      boolean plain = !(socket instanceof SSLSocket);
      String verb = command.split(" ", 2)[0];
      return plain && verb.equals("EHLO")
          ? friendly(command).replace("250 8BITMIME", "250-8BITMIME\r\n250 STARTTLS")
          : plain && verb.equals("STARTTLS") ? "220 2.0.0 go" : friendly(command);
    }

    private void encrypt(SSLContext tls) throws IOException {
      SSLSocket secure =
          (SSLSocket) tls.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
      secure.setUseClientMode(false);
      secure.setSSLParameters(parameters);
      shakeHands(secure);
      if (secure.getSession() instanceof ExtendedSSLSession session) {
        session
            .getRequestedServerNames()
            .forEach(name -> namesAsked.add(((SNIHostName) name).getAsciiName()));
      }
      socket = secure;
      in = new BufferedInputStream(secure.getInputStream());
      out = secure.getOutputStream();
    }

    private void shakeHands(SSLSocket secure) throws IOException {
      secure.startHandshake();
      try {
        clients.add(secure.getSession().getPeerPrincipal().getName());
      } catch (SSLPeerUnverifiedException none) {
        clients.add("");
      }
    }

    private boolean content() throws IOException, InterruptedException {
      byte[] content = PeerInput.data(in);
      // Before the answer: a client may look as soon as it has that.
      String reply = script.reply(END_OF_DATA, number).orElse("250 2.0.0 queued as 1");
      messages.add(new Taken(ORDER.incrementAndGet(), List.copyOf(recipients), content, reply));
      boolean on = say(reply);
      begun = false;
      spoiled |= !reply.matches("(?s)[245]\\d\\d[ -].*") || reply.startsWith("421");
      return on && answer(BETWEEN, NOTHING);
    }

    private void watch(String command) {
      if (command.startsWith("MAIL")) {
        if (begun || spoiled) {
          breaches.add("session %d went on after something unclean: %s".formatted(number, command));
        }
        begun = true;
        recipients.clear();
      } else if (command.equals("RSET")) {
        begun = false;
      }
    }

    private void judge(String command) {
      if (command.startsWith("RCPT") && last.startsWith("2")) {
        recipients.add(command.substring("RCPT TO:<".length(), command.indexOf('>')));
      }
      boolean wellFormed = last.matches("(?s)[2345]\\d\\d[ -].*");
      boolean inStep =
          last.startsWith("354") == command.equals("DATA") || last.matches("(?s)[45].*");
      boolean matters = Stream.of("MAIL", "RCPT", "DATA", "RSET").anyMatch(command::startsWith);
      if (matters && !(wellFormed && inStep)) {
        spoiled = true;
      }
    }

    private boolean answer(String stage, String friendly) throws IOException, InterruptedException {
      return say(script.reply(stage, number).orElse(friendly));
    }

    /** Whether the session goes on. */
    private boolean say(String reply) throws IOException, InterruptedException {
      last = reply;
      switch (reply) {
        case NOTHING -> {
          return true;
        }
        case CLOSE -> {
          return false;
        }
        case RESET -> {
          socket.setSoLinger(true, 0);
          return false;
        }
        case STALL -> {
          in.transferTo(OutputStream.nullOutputStream());
          return false;
        }
        case TRICKLE -> {
          while (!closing.await(20, TimeUnit.MILLISECONDS)) {
            out.write('2');
          }
          return false;
        }
        default -> {
          String text = reply.equals(BROKEN_TLS) ? "220 go" : reply;
          out.write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
          out.flush();
          return !reply.startsWith("221") && !reply.startsWith("421");
        }
      }
    }
  }

  private static String friendly(String command) {
    String verb = command.split("[ :]", 2)[0];
    return switch (verb) {
      case "EHLO" -> "250-host.example.test\r\n250-SIZE 1000000\r\n250 8BITMIME";
      case "HELO" -> "250 host.example.test";
      case "MAIL" -> "250 2.1.0 Ok";
      case "RCPT" -> "250 2.1.5 Ok";
      case "DATA" -> "354 go on";
      case "RSET" -> "250 2.0.0 Ok";
      case "QUIT" -> "221 2.0.0 Bye";
      default -> "502 5.5.2 what?";
    };
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      server.close();
      accepting.join(); // until then the system may go on taking connections
      for (Socket socket : open) {
        socket.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
