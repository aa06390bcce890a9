package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.smtp.CommandLine.Verb;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session, from greeting to close. {@link #run} is the session's virtual thread;
 * {@link #finish}, {@link #abandon} and what is for others of {@link #connection} come from others.
 */
final class SmtpSession {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);

  static final Answer CLOSING =
      Answer.refused(Refusal.CLOSING, 421, 3, 2, "server is shutting down").closing();

  private final Surroundings around;
  private final boolean implicitTls;
  private final Ending ending;
  private final Connection connection;
  private final SessionTls tls;
  private final SessionAuth auth;
  private final ReplyWriter replies;
  private final ClientInput input;
  private final MailTransactions mail;
  private final Conduct conduct;
  private final Extensions extensions;
  private final InetAddress peer;
  private Client client;
  private boolean quit;

  /** The reply to STARTTLS is the last octet in the clear. */
  private boolean startsTls;

  /** What the client asks for, fit for a log line; empty where there is nothing to show. */
  private String asked = "";

  /**
   * @param implicitTls TLS begins before the greeting (RFC 8314 section 3)
   */
  SmtpSession(Surroundings around, Socket socket, InetAddress address, boolean implicitTls)
      throws IOException {
    this.around = around;
    this.implicitTls = implicitTls;
    this.ending = new Ending(socket);
    this.connection = new Connection(socket, ending::wake);
    this.tls = new SessionTls(around, connection);
    this.auth = new SessionAuth(around, connection);
    this.replies = connection.replies();
    this.input = connection.input();
    this.conduct = new Conduct(around.limits());
    this.mail = new MailTransactions(around, connection, tls, ending, conduct);
    this.extensions = new Extensions(around, tls, auth, address);
    this.peer = address;
    this.client = Client.unnamed(address);
  }

  /** Whose connection it is, whomever it speaks for. */
  InetAddress address() {
    return peer;
  }

  /** Greets and serves until either side ends it; the socket is closed when this returns. */
  void run() {
    try (connection;
        mail) {
      try {
        if (!implicitTls || secure()) {
          send(greeting());
          serve();
        }
      } catch (SocketTimeoutException late) {
        send(Answer.refused(Refusal.TIMEOUT, 421, 4, 2, "timeout, closing the connection"));
      } catch (EOFException lost) {
        LOG.info("connection lost from {}: {}, nothing accepted", client, lost.getMessage());
        if (ending.asked()) {
          send(CLOSING);
        }
      } catch (SSLException broken) {
        around.metrics().refused(Refusal.TLS_FAULT);
        LOG.info("TLS of {} is broken: {}", client, SessionTls.reason(broken));
      } catch (RuntimeException fault) {
        LOG.error("fault in the session of {}", client, fault);
        send(Answer.refused(Refusal.INTERNAL, 421, 3, 0, "internal error, try again later"));
      }
      connection.linger(quit);
    } catch (IOException gone) {
      LOG.debug("connection lost from {}: {}", client, gone.toString());
    }
  }

  private Answer greeting() {
    return Answer.plain(220, List.of(config().identity().hostname() + " ESMTP Bridgehead"));
  }

  /** Says why there is no session, and closes; who waits for a handshake could not read it. */
  void refuse(Answer why) {
    try (connection) {
      record(why);
      if (!implicitTls) {
        replies.send(why.reply());
      }
      connection.linger(false);
    } catch (IOException gone) {
      LOG.debug("connection lost from {}: {}", client, gone.toString());
    }
  }

  private void serve() throws IOException {
    boolean open = true;
    while (open) {
      Answer answer =
          switch (input.readLine(around.limits().command())) {
            case ClientInput.Line.Text(byte[] octets) -> answerTo(octets);
            case ClientInput.Line.TooLong tooLong ->
                noCommand(syntax("line is longer than " + ClientInput.MAX_LINE + " octets"));
            case ClientInput.Line.BareEnding(boolean unfinished) -> {
              Answer bare = noCommand(syntax("lines end with CR LF, neither comes alone"));
              yield unfinished ? bare.closing() : bare;
            }
            case ClientInput.Line.End end -> null;
          };
      if (answer == null) {
        if (ending.asked()) {
          send(CLOSING);
        }
        return;
      }
      Answer counted = conduct.counted(answer);
      slowDown(conduct.delay(counted));
      send(counted);
      open = !counted.closes() && (!startsTls || secure());
      if (open && ending.asked() && !mail.underWay()) {
        send(CLOSING);
        open = false;
      }
    }
  }

  /** What was answered before waits with nothing. */
  private void slowDown(Duration delay) throws IOException {
    if (delay.isPositive()) {
      replies.flush();
      ending.pause(delay);
    }
  }

  private static Answer syntax(String text) {
    return Answer.refused(Refusal.SYNTAX, 500, 5, 2, text);
  }

  /** Behind a refused DATA such a line is a message, sent all the same: none of it may run. */
  private Answer noCommand(Answer answer) {
    asked = "";
    return mail.dataWasRefused() ? answer.closing() : answer;
  }

  private Answer answerTo(byte[] line) throws IOException {
    asked = "";
    boolean afterRefusedData = mail.dataWasRefused();
    boolean understood = false;
    Answer answer;
    try {
      CommandLine command = CommandLine.parse(line);
      asked = shown(command);
      understood = command.verb() != Verb.UNKNOWN;
      answer = answerTo(command);
    } catch (RefusedException refused) {
      answer = refused.answer();
    }
    return afterRefusedData && !understood ? answer.closing() : answer;
  }

  private String shown(CommandLine command) {
    return switch (command.verb()) {
      case EHLO, HELO, MAIL, RCPT, PROXY, XCLIENT ->
          ", " + command.verb() + " " + LogText.of(command.argument());
      case DATA -> ", DATA" + mail.shownSender();
      default -> ""; // others may carry secrets (AUTH), or say nothing
    };
  }

  private Answer answerTo(CommandLine command) throws RefusedException, IOException {
    String argument = command.argument();
    tls.judge(command.verb(), client);
    return switch (command.verb()) {
      case EHLO -> ehlo(argument);
      case HELO -> helo(argument);
      case MAIL -> mail(argument);
      case RCPT -> mail.recipient(argument, client);
      case DATA -> data(argument);
      case RSET -> rset(argument);
      case NOOP -> conduct.junk(Answer.ok(250, 0, 0, "ok"));
      case QUIT -> quit(argument);
      case VRFY -> vrfy(argument);
      case HELP ->
          conduct.junk(
              Answer.ok(
                  214,
                  0,
                  0,
                  "EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP"));
      case STARTTLS -> startTls(argument);
      case AUTH -> auth(argument);
      case EXPN, ETRN, TURN, SEND, SOML, SAML -> notImplemented();
      case BDAT -> mail.chunk(argument, client);
      // A browser made to speak to this port (cross-protocol attack): the body must not run.
      case GET, POST, PUT, HEAD, CONNECT, OPTIONS ->
          Answer.refused(Refusal.FORBIDDEN_COMMAND, 421, 7, 0, "this is SMTP, not HTTP").closing();
      // A header of the PROXY protocol where none is believed: it would hide whose mail this is.
      case PROXY ->
          Answer.refused(
                  Refusal.FORBIDDEN_COMMAND, 421, 7, 0, "PROXY headers are for trusted peers only")
              .closing();
      case XCLIENT -> xclient(argument);
      case UNKNOWN -> Answer.refused(Refusal.UNKNOWN_COMMAND, 500, 5, 1, "command not recognized");
    };
  }

  static Answer notImplemented() {
    return Answer.refused(Refusal.UNKNOWN_COMMAND, 502, 5, 1, "command not implemented");
  }

  private Answer ehlo(String argument) throws RefusedException {
    greet(argument, true);
    return conduct.junk(Answer.plain(250, extensions.offeredTo(client)));
  }

  private Answer helo(String argument) throws RefusedException {
    greet(argument, false);
    return conduct.junk(Answer.plain(250, List.of(config().identity().hostname())));
  }

  private void greet(String argument, boolean extended) throws RefusedException {
    client = client.named(argument, extended);
    mail.close();
  }

  private Answer startTls(String argument) throws RefusedException, IOException {
    requireNone(argument);
    Answer answer = tls.answer(client);
    startsTls = answer.reply().positive();
    return answer;
  }

  private Answer xclient(String argument) throws RefusedException {
    requireNoTransaction();
    client = XclientCommand.client(argument, client, peer, config().access());
    return conduct.junk(greeting());
  }

  /** After the handshake the session knows nothing of what was before it but its errors. */
  private boolean secure() {
    startsTls = false;
    mail.close();
    Client secured = tls.secure(Client.unnamed(peer));
    client = secured == null ? client : secured;
    return secured != null;
  }

  private Answer auth(String argument) throws RefusedException, IOException {
    requireGreeting();
    requireNoTransaction();
    SessionAuth.Result result = auth.run(client, argument);
    asked = result.asked();
    client = result.user() == null ? client : client.authenticated(result.user());
    return result.answer();
  }

  private void requireNoTransaction() throws RefusedException {
    if (mail.underWay()) {
      throw outOfSequence("not within a mail transaction");
    }
  }

  private void requireGreeting() throws RefusedException {
    if (!client.greeted()) {
      throw outOfSequence("send EHLO or HELO first");
    }
  }

  private Answer mail(String argument) throws RefusedException {
    requireGreeting();
    return mail.begin(argument, client, auth.takesSender(client));
  }

  private Answer data(String argument) throws RefusedException, IOException {
    requireNone(argument);
    return mail.data(client);
  }

  private Answer rset(String argument) throws RefusedException {
    requireNone(argument);
    mail.close();
    return conduct.junk(Answer.ok(250, 0, 0, "ok"));
  }

  private Answer quit(String argument) throws RefusedException {
    requireNone(argument);
    quit = true;
    return Answer.ok(221, 0, 0, "bye").closing();
  }

  private Answer vrfy(String argument) throws RefusedException {
    if (argument.isEmpty()) {
      throw MailParameters.syntax("expected an address");
    }
    return conduct.junk(Answer.ok(252, 1, 5, "send mail to it and see"));
  }

  private static void requireNone(String argument) throws RefusedException {
    if (!argument.isEmpty()) {
      throw MailParameters.syntax("the command takes no argument");
    }
  }

  static RefusedException outOfSequence(String text) {
    return new RefusedException(Refusal.BAD_SEQUENCE, 503, 5, 1, text);
  }

  private void send(Answer answer) throws IOException {
    record(answer);
    replies.send(answer.reply());
  }

  private void record(Answer answer) {
    Refusal why = answer.refusal();
    if (why != null) {
      around.metrics().refused(why);
      LOG.info(
          "refused {} from {}{}: {}",
          why.label(),
          client,
          asked,
          LogText.of(answer.reply().toString()));
    }
  }

  private RelayConfig config() {
    return around.config().get();
  }

  /** Asks the session to end: at once where it is idle, else after its transaction. */
  void finish() {
    ending.ask();
  }

  /** Ends a session that did not finish: a message not wholly received is not accepted. */
  void abandon() {
    ending.wake();
  }

  /** For what other threads end: waits that are over, and writes that hang. */
  Connection connection() {
    return connection;
  }
}
