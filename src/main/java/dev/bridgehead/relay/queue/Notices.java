package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.bounce.Concerned;
import dev.bridgehead.relay.bounce.Notice;
import dev.bridgehead.relay.bounce.NoticeKind;
import dev.bridgehead.relay.bounce.NoticeWriter;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells senders, durably: a notice is in the spool when this returns, together with the state of
 * the message it is about. Runs on attempts' threads.
 */
final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final CurrentConfig config;
  private final Spool spool;
  private final Clock clock;

  Notices(CurrentConfig config, Spool spool, Clock clock) {
    this.config = config;
    this.spool = spool;
    this.clock = clock;
  }

  /**
   * Stores a notice.
   *
   * @param concerned recipients whose outcome is of this kind, at least one
   * @param state of the message from then on
   * @param attempted whether it is an attempt that it tells of
   * @return the notice; empty where there is nobody to tell and nothing was stored: the message had
   *     a null reverse-path (RFC 5321 §4.5.5: never a notice about a notice), and there is no
   *     postmaster or it is the postmaster who could not be reached
   * @throws IOException where neither the notice nor the state is on disk
   */
  Optional<StoredMessage> store(
      NoticeKind kind,
      QueuedMessage message,
      Envelope envelope,
      List<Concerned> concerned,
      MessageState state,
      boolean attempted)
      throws IOException {
    MailAddress to = addressee(envelope, concerned);
    if (to == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    byte[] original = original(message);
    try (Intake intake = spool.openNotice()) {
      Notice notice =
          new Notice(
              kind,
              config.get().identity().hostname(),
              intake.id(),
              to,
              message.id(),
              envelope,
              message.size(),
              concerned,
              now,
              attempted ? now : null,
              kind == NoticeKind.DELAYED
                  ? message.arrivedAt().plus(config.get().retry().expireAfter())
                  : null);
      byte[] content = NoticeWriter.write(notice, original);
      intake.write(content, 0, content.length);
      StoredMessage stored =
          intake.commit(ofNotice(to, content, envelope, now), message.id(), state);
      LOG.atInfo()
          .addKeyValue("id", stored.id())
          .addKeyValue("about", message.id())
          .addKeyValue("kind", kind.name().toLowerCase(Locale.ROOT))
          .addKeyValue("to", to)
          .log("notice");
      return Optional.of(stored);
    }
  }

  /** As much as a notice returns. A sender is told even when the disk has lost the message. */
  private byte[] original(QueuedMessage message) {
    try (InputStream content = spool.content(message.id())) {
      return content.readNBytes(NoticeWriter.MOST_RETURNED);
    } catch (IOException e) {
      LOG.error(
          "{} can't be read, and is returned without content: {}", message.id(), e.toString());
      return new byte[0];
    }
  }

  private @Nullable MailAddress addressee(Envelope original, List<Concerned> concerned) {
    if (original.reversePath() != null) {
      return original.reversePath();
    }
    MailAddress postmaster = config.get().access().postmaster();
    boolean unreachable =
        concerned.stream()
            .anyMatch(each -> original.recipients().get(each.recipient()).equals(postmaster));
    return unreachable ? null : postmaster;
  }

  /** On its way it is protected as its original was (RFC 8689 §5), or as little (§6). */
  private static Envelope ofNotice(MailAddress to, byte[] content, Envelope original, Instant now) {
    BodyType body = NoticeWriter.eightBit(content) ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
    return new Envelope(null, List.of(to), body, original.smtpUtf8(), now, true)
        .asking(original.tls());
  }
}
