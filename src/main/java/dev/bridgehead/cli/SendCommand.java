package dev.bridgehead.cli;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Submission;
import dev.bridgehead.relay.delivery.Transcript;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.routing.NextHop;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead send}: one test message, and all that is said about it. */
@Command(
    name = "send",
    description = "Sends a test message and shows each command and reply.",
    footer = "Exit codes: 0 all recipients accepted, 1 refused, 2 unreadable or wrong usage.",
    mixinStandardHelpOptions = true)
final class SendCommand implements Callable<Integer> {
  /** A name for the message on this side only; the server gives it one of its own. */
  private static final QueueId NO_QUEUE = new QueueId("NOTQUEUEDHERE");

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where to connect, such as internet.mail.svc:25 or [2001:db8::25]:2525.")
  private String server = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "ADDRESS",
      description = "The sender; \"<>\" is the null reverse-path of notices.")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ADDRESS",
      description = "A recipient. May be given again.")
  private List<String> to = new ArrayList<>();

  @Option(
      names = "--subject",
      paramLabel = "TEXT",
      description = "The subject. Default: ${DEFAULT-VALUE}.",
      defaultValue = "Test message")
  private String subject = "";

  @Option(
      names = "--message",
      paramLabel = "FILE",
      description = {
        "A whole message to send instead, header section first; - is stdin. Line ends become CRLF,"
            + " nothing else changes."
      })
  private @Nullable Path message;

  @ArgGroup(exclusive = true)
  private final Tls tls = new Tls();

  /** How sure it is to be that nobody reads along; without a word STARTTLS where it is offered. */
  private static final class Tls {
    @Option(
        names = "--starttls",
        description = {
          "Send nothing without STARTTLS. Default: STARTTLS where it is offered. Certificates are not"
              + " checked."
        })
    private boolean required;

    @Option(names = "--tls", description = "TLS from the first octet, as on port 465.")
    private boolean implicit;

    TlsMode mode() {
      return required || implicit ? TlsMode.REQUIRED : TlsMode.OPPORTUNISTIC;
    }
  }

  @Override
  public Integer call() throws IOException {
    List<MailAddress> recipients = to.stream().map(it -> address("--to", it)).distinct().toList();
    MailAddress sender = from.equals("<>") ? null : address("--from", from);
    List<NextHop> hops = hops();
    String name = ownName();
    byte[] content = content();
    boolean utf8 =
        !(from + String.join("", to)).chars().allMatch(c -> c < 128); // RFC 6531 section 3.4
    Envelope envelope =
        new Envelope(sender, recipients, BodyType.SEVEN_BIT, utf8, Instant.now(), false);
    Attempt attempt =
        new Attempt(
            NO_QUEUE,
            envelope,
            new Destination.SmartHosts(),
            recipients,
            content.length,
            () -> new ByteArrayInputStream(content));
    PrintWriter out = spec.commandLine().getOut();
    List<Outcome> outcomes =
        new Submission(name, tls.mode(), new Dialogue(out, content.length)).send(hops, attempt);
    boolean accepted = true;
    for (int i = 0; i < recipients.size(); i++) {
      accepted &= outcomes.get(i) instanceof Outcome.Delivered;
      out.println(recipients.get(i) + ": " + spoken(outcomes.get(i)));
    }
    out.flush();
    return accepted ? 0 : Main.EXIT_FAILED;
  }

  /** RFC 5321 section 4.1.1.1: a host without a name that can be found gives an address literal. */
  private static String ownName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "[127.0.0.1]";
    }
  }

  private static String spoken(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered(_, Reply reply, _) -> "accepted: " + reply;
      case Outcome.Deferred(Outcome.Diagnostic why) -> "not accepted now: " + why.text();
      case Outcome.Failed(Outcome.Diagnostic why) -> "refused: " + why.text();
    };
  }

  private byte[] content() throws IOException {
    if (message == null) {
      return TestMessage.text(from, to, subject, Instant.now());
    }
    try {
      return TestMessage.withCrlf(
          message.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(message));
    } catch (NoSuchFileException e) {
      throw wrong("--message: " + message + ": no such file", e);
    } catch (IOException e) {
      throw wrong("--message: " + message + ": can't be read: " + e.getMessage(), e);
    }
  }

  private MailAddress address(String option, String text) {
    try {
      var parsed = dev.bridgehead.validation.MailAddress.parse(text);
      return new MailAddress(parsed.localPart(), parsed.domain().toString());
    } catch (IllegalArgumentException e) {
      throw wrong(option + ": " + text + ": " + e.getMessage(), e);
    }
  }

  private List<NextHop> hops() {
    int colon = server.lastIndexOf(':');
    String host = colon < 0 ? "" : server.substring(0, colon);
    if (host.isEmpty() || (host.contains(":") && !host.startsWith("["))) {
      throw wrong(
          "--server: " + server + ": must be HOST:PORT, such as localhost:2525 or [::1]:2525",
          null);
    }
    try {
      int port = port(server.substring(colon + 1));
      return Arrays.stream(InetAddress.getAllByName(host))
          .map(it -> new NextHop(host, new InetSocketAddress(it, port), tls.implicit, null))
          .toList();
    } catch (UnknownHostException e) {
      throw wrong("--server: " + host + ": no such host", e);
    }
  }

  private int port(String text) {
    if (text.matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    }
    throw wrong("--server: " + text + ": must be a port from 1 to 65535", null);
  }

  private CommandLine.ParameterException wrong(String text, @Nullable Exception cause) {
    return new CommandLine.ParameterException(spec.commandLine(), text, cause);
  }

  /**
   * Prints what passes, as it passes.
   *
   * @param octets of the content, which is not printed
   */
  private record Dialogue(PrintWriter out, int octets) implements Transcript {
    @Override
    public void sent(String command) {
      print("> " + command);
    }

    @Override
    public void received(Reply reply) {
      for (int i = 0; i < reply.lines().size(); i++) {
        boolean last = i == reply.lines().size() - 1;
        String status = reply.status() == null ? "" : reply.status() + " ";
        print("< " + reply.code() + (last ? " " : "-") + status + reply.lines().get(i));
      }
      if (reply.code() == 354) {
        print("> (the message, " + octets + " octets)");
      }
    }

    @Override
    public void noted(String event) {
      print("* " + event);
    }

    @Override
    public void warned(String event) {
      print("! " + event);
    }

    private void print(String line) {
      out.println(line);
      out.flush();
    }
  }
}
