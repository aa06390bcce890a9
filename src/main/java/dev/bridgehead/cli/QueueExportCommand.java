package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.NoSpoolException;
import dev.bridgehead.relay.spool.OfflineSpool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue export}: gets every message out of a stopped relay's spool. */
@Command(
    name = "export",
    description = {
      "Writes every message in the spool of a relay that is stopped to a folder: ID.eml, and ID.json"
          + " with envelope and state. What is damaged is said, and written as ID.damaged as far as"
          + " it can be read. The spool is not changed."
    },
    footer = "Exit codes: 0 all exported, 1 not all, or in use, 2 no spool or wrong usage.",
    mixinStandardHelpOptions = true)
final class QueueExportCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "The folder that the relay had as --data, or its folder spool.")
  private Path folder = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "Where to write, made where it isn't there. Default: ./bridgehead-export.")
  private Path to = Path.of("bridgehead-export");

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (OfflineSpool spool = OfflineSpool.open(folder)) {
      Files.createDirectories(
          to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      spool.faults().forEach(out::println);
      int lost = 0;
      List<QueueId> messages = spool.messages();
      for (QueueId id : messages) {
        lost += exported(spool, id, out) ? 0 : 1;
      }
      out.printf("%d of %d messages exported to %s%n", messages.size() - lost, messages.size(), to);
      out.flush();
      return lost == 0 && spool.faults().isEmpty() ? 0 : Main.EXIT_FAILED;
    } catch (NoSpoolException e) {
      spec.commandLine().getErr().println(e.getMessage());
      spec.commandLine().getErr().flush();
      return Main.EXIT_USAGE;
    }
  }

  private boolean exported(OfflineSpool spool, QueueId id, PrintWriter out) throws IOException {
    boolean whole = true;
    try {
      StoredMessage message = spool.message(id);
      byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json(message));
      Files.write(to.resolve(id + ".json"), json);
    } catch (IOException e) {
      out.println(id + ": no envelope: " + e.getMessage());
      whole = false;
    }
    Path eml = to.resolve(id + ".eml");
    try (InputStream content = spool.content(id)) {
      Files.copy(content, eml, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(eml);
      out.println(id + ": " + e.getMessage() + rest(spool, id));
      whole = false;
    }
    return whole;
  }

  private String rest(OfflineSpool spool, QueueId id) {
    Path damaged = to.resolve(id + ".damaged");
    try (InputStream content = spool.contentAsItIs(id)) {
      Files.copy(content, damaged, StandardCopyOption.REPLACE_EXISTING);
      return ": what is there is in " + damaged;
    } catch (IOException e) {
      return ": nothing of it can be read";
    }
  }

  private static ObjectNode json(StoredMessage message) {
    Envelope envelope = message.envelope();
    ObjectNode json = JSON.createObjectNode();
    json.put("id", message.id().value());
    json.put("size", message.size());
    json.put("arrived", envelope.arrived().toString());
    MailAddress from = envelope.reversePath();
    json.put("from", from == null ? "" : from.toString());
    ArrayNode to = json.putArray("to");
    envelope.recipients().forEach(recipient -> to.add(recipient.toString()));
    json.put("body", envelope.body().name());
    json.put("smtpUtf8", envelope.smtpUtf8());
    json.put("notice", envelope.notice());
    json.put("tls", envelope.tls().name());
    dsn(envelope, json);
    ArrayNode open = json.putArray("open");
    for (MessageState.Group group : message.state().open()) {
      ObjectNode each = open.addObject();
      ArrayNode recipients = each.putArray("recipients");
      group
          .recipients()
          .forEach(index -> recipients.add(envelope.recipients().get(index).toString()));
      each.put("attempts", group.attempts());
      each.put("due", group.due().toString());
      each.put("hold", group.hold().name());
      each.put("delayTold", group.delayTold());
    }
    return json;
  }

  private static void dsn(Envelope envelope, ObjectNode json) {
    DsnParameters dsn = envelope.dsn();
    if (dsn.equals(DsnParameters.NONE)) {
      return;
    }
    ObjectNode node = json.putObject("dsn");
    if (dsn.returned() != null) {
      node.put("ret", dsn.returned().name());
    }
    if (dsn.envelopeId() != null) {
      node.put("envid", dsn.envelopeId());
    }
    ArrayNode recipients = node.putArray("recipients");
    for (DsnParameters.ForRecipient each : dsn.recipients()) {
      ObjectNode recipient = recipients.addObject();
      if (each.notifyOn() != null) {
        ArrayNode notify = recipient.putArray("notify");
        each.notifyOn().stream().sorted().forEach(kind -> notify.add(kind.name()));
      }
      if (each.originalRecipient() != null) {
        recipient.put("orcpt", each.originalRecipient());
      }
    }
  }
}
