package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.SpoolFullException;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DATA: from the 354 to the reply after the final dot; BDAT: all chunks of a message. Whatever is
 * wrong with a message, it is read to its true end first, so that no part of it can be taken for a
 * command.
 */
final class MessageReceipt {
  private static final Logger LOG = LoggerFactory.getLogger(MessageReceipt.class);

  /**
   * More is a loop (RFC 5321 section 6.3, which advises 100; Exim has 30 as well, Postfix 50): a
   * relay between workloads and their next hop sees few.
   */
  static final int MAX_RECEIVED = 30;

  /** So many times the largest message are read for the sake of a proper reply, and no more. */
  static final int OVERSHOOT = 2;

  private static final int RECIPIENTS_SHOWN = 20;

  private final Surroundings around;
  private final Client client;
  private final Transaction transaction;
  private final RelayConfig config;

  MessageReceipt(Surroundings around, Client client, Transaction transaction) {
    this.around = around;
    this.client = client;
    this.transaction = transaction;
    this.config = around.config().get();
  }

  /** The answer to DATA, or to the final dot where DATA was answered with 354. */
  record Result(Answer answer, boolean dataRead) {}

  /**
   * Receives the message.
   *
   * @throws IOException where the client's connection failed: nothing is accepted then
   */
  Result receive(ClientInput input, ReplyWriter replies) throws IOException {
    Intake opened;
    try {
      opened = around.spool().open(transaction.declaredSize());
    } catch (IOException failure) {
      return new Result(spoolFailed(failure), false);
    }
    try (Intake intake = opened) {
      Instant begun = around.clock().instant();
      Content content = new Content(intake, begun);
      DataDecoder decoder = new DataDecoder(normalizes());
      replies.send(Answer.plain(354, List.of("end data with <CR><LF>.<CR><LF>")).reply());
      long limit = config.listening().maxMessageBytes();
      if (!input.readData(decoder, content, around.limits(), OVERSHOOT * limit)) {
        return new Result(MailCommand.tooBig(limit).answer().closing(), true);
      }
      return new Result(verdict(intake, content, decoder.findings()), true);
    }
  }

  /**
   * Begins a message that comes in chunks.
   *
   * @throws IOException where the spool takes none
   */
  Chunked chunked() throws IOException {
    return new Chunked(around.spool().open(transaction.declaredSize()));
  }

  private boolean normalizes() {
    return config.listening().bareLineEndings() == BareLineEndings.NORMALIZE;
  }

  private static Answer badOctets() {
    return Answer.refused(
        Refusal.BAD_OCTETS, 550, 6, 0, "message has a bare CR, a bare LF or a NUL");
  }

  private Answer verdict(Intake intake, Content content, Findings findings) {
    if (findings.badOctets()) {
      return badOctets();
    }
    if (findings.size() > config.listening().maxMessageBytes()) {
      return MailCommand.tooBig(config.listening().maxMessageBytes()).answer();
    }
    try {
      content.finish();
      if (content.received() > MAX_RECEIVED) {
        return Answer.refused(
            Refusal.LOOP, 554, 4, 6, "too many hops: " + content.received() + " Received fields");
      }
      Envelope envelope =
          transaction.envelope(findings.eightBit(), content.needsNoTls(), around.clock().instant());
      return accepted(intake.commit(envelope));
    } catch (IOException failure) {
      return spoolFailed(failure);
    }
  }

  private Answer accepted(StoredMessage message) {
    Envelope envelope = message.envelope();
    MailAddress sender = envelope.reversePath();
    LOG.atInfo()
        .addKeyValue("id", message.id())
        .addKeyValue("client", client)
        .addKeyValue("sender", sender == null ? "" : LogText.of(sender.toString()))
        .addKeyValue("recipients", shown(envelope.recipients()))
        .addKeyValue("count", envelope.recipients().size())
        .addKeyValue("size", message.size())
        .addKeyValue("user", client.user() == null ? "" : LogText.of(client.user()))
        .addKeyValue("tls", client.tls() == null ? "none" : client.tls())
        .addKeyValue("tlsAsked", asked(envelope.tls()))
        .log("accepted");
    around.metrics().messageReceived();
    handOver(message);
    return Answer.ok(250, 0, 0, "queued as " + message.id());
  }

  private static String asked(TlsRequirement tls) {
    return switch (tls) {
      case UNSPECIFIED -> "";
      case REQUIRED -> "REQUIRETLS";
      case OPTIONAL -> "TLS-Required: No";
    };
  }

  /** The message is on disk: whatever becomes of the hand-over, the client must hear 250. */
  private void handOver(StoredMessage message) {
    try {
      around.accepted().accept(message);
    } catch (RuntimeException failure) {
      LOG.error("{} is on disk but did not get into the queue", message.id(), failure);
    }
  }

  private static String shown(List<MailAddress> recipients) {
    String some =
        recipients.stream()
            .limit(RECIPIENTS_SHOWN)
            .map(recipient -> "<" + LogText.of(recipient.toString()) + ">")
            .collect(Collectors.joining(", "));
    return recipients.size() > RECIPIENTS_SHOWN ? some + ", …" : some;
  }

  static Answer spoolFailed(IOException failure) {
    LOG.warn("the spool takes no message: {}", failure.toString());
    return failure instanceof SpoolFullException
        ? Answer.refused(Refusal.SPOOL_FULL, 452, 3, 1, "no room for the message, try again later")
        : Answer.refused(
            Refusal.SPOOL_FAILED, 451, 3, 0, "message could not be stored, try again later");
  }

  /**
   * A message that comes in chunks. Closed without a positive verdict, it leaves nothing behind.
   */
  final class Chunked implements AutoCloseable {
    private final Intake intake;
    private final Content content;
    private final ChunkDecoder decoder = new ChunkDecoder(normalizes());
    private final long begun = System.nanoTime();

    private Chunked(Intake intake) {
      this.intake = intake;
      this.content = new Content(intake, around.clock().instant());
    }

    /** Octets that it may still have. */
    long room() {
      return config.listening().maxMessageBytes() - decoder.findings().size();
    }

    Answer tooBig() {
      return MailCommand.tooBig(config.listening().maxMessageBytes()).answer();
    }

    void read(long octets, ClientInput input) throws IOException {
      input.readChunk(
          octets,
          (block, from, length) -> decoder.decode(block, from, from + length, content),
          around.limits(),
          begun,
          decoder.findings().size());
    }

    /** The reply to a chunk that is not the last. */
    Answer soFar() {
      if (decoder.findings().badOctets()) {
        return badOctets();
      }
      IOException failed = content.failure;
      return failed == null
          ? Answer.ok(250, 0, 0, decoder.findings().size() + " octets received")
          : spoolFailed(failed);
    }

    /** The reply to the last chunk: what is positive is on disk. */
    Answer verdict() throws IOException {
      decoder.end(content);
      return MessageReceipt.this.verdict(intake, content, decoder.findings());
    }

    @Override
    public void close() {
      intake.close();
    }
  }

  /** What goes on to the spool; after a failure, or beyond the limit, nothing any more. */
  private final class Content implements OctetSink {
    private final HeaderSection headers;
    private final OctetSink next;
    private final long limit = config.listening().maxMessageBytes();
    private long octets;
    private @Nullable IOException failure;

    Content(Intake intake, Instant now) {
      String hostname = config.identity().hostname();
      headers =
          new HeaderSection(
              intake::write,
              config.listening().addMissingHeaders() && client.mayRelay(config.access()),
              TraceFields.date(now),
              TraceFields.messageId(intake.id(), hostname, now));
      next = normalizes() ? new LineEndings(headers) : headers;
      List<MailAddress> recipients = transaction.recipients();
      String received =
          TraceFields.received(
              client,
              hostname,
              transaction.smtpUtf8(),
              intake.id(),
              recipients.size() == 1 ? recipients.getFirst() : null,
              now);
      byte[] field = received.getBytes(UTF_8);
      try {
        intake.write(field, 0, field.length);
      } catch (IOException e) {
        failure = e;
      }
    }

    @Override
    public void write(byte[] block, int offset, int length) {
      octets += length;
      if (failure != null || octets > limit) {
        return;
      }
      try {
        next.write(block, offset, length);
      } catch (IOException e) {
        failure = e;
      }
    }

    void finish() throws IOException {
      if (failure != null) {
        throw failure;
      }
      headers.finish();
    }

    int received() {
      return headers.received();
    }

    boolean needsNoTls() {
      return headers.needsNoTls();
    }
  }
}
