package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The mail transactions of one session, one after the other (RFC 5321 section 3.3): a sender,
 * recipients, and the message by DATA or BDAT. Used by the session's thread.
 */
final class MailTransactions implements AutoCloseable {
  private final Surroundings around;
  private final ClientInput input;
  private final ReplyWriter replies;
  private final SessionTls tls;
  private final Ending ending;
  private final Conduct conduct;
  private final ChunkedReceipt chunks;
  private @Nullable Transaction transaction;

  /** DATA was refused: a client that did not wait sends the message now. */
  private boolean dataRefused;

  MailTransactions(
      Surroundings around, Connection connection, SessionTls tls, Ending ending, Conduct conduct) {
    this.around = around;
    this.input = connection.input();
    this.replies = connection.replies();
    this.tls = tls;
    this.ending = ending;
    this.conduct = conduct;
    this.chunks = new ChunkedReceipt(around, input);
  }

  /** Whether there is a sender. */
  boolean underWay() {
    return transaction != null;
  }

  /** Whether the last command was a DATA that was refused. */
  boolean dataWasRefused() {
    boolean was = dataRefused;
    dataRefused = false;
    return was;
  }

  /** Whose message it is, fit for a log line; empty where there is nothing to show. */
  String shownSender() {
    return transaction == null || transaction.reversePath() == null
        ? ""
        : " of <" + LogText.of(transaction.reversePath().toString()) + ">";
  }

  /**
   * The answer to MAIL.
   *
   * @param takesAuth {@code AUTH=} is a parameter here (RFC 4954 section 5)
   */
  Answer begin(String argument, Client client, boolean takesAuth) throws RefusedException {
    if (transaction != null) {
      throw SmtpSession.outOfSequence("a sender is given already");
    }
    MailCommand mail =
        MailCommand.parse(argument, config().listening().maxMessageBytes(), takesAuth);
    tls.judge(mail, client);
    around.rates().count(client.address(), config().access());
    if (!ending.beginTransaction()) {
      return SmtpSession.CLOSING;
    }
    transaction = new Transaction(mail);
    return Answer.ok(250, 1, 0, "sender ok");
  }

  /** The answer to RCPT. */
  Answer recipient(String argument, Client client) throws RefusedException {
    if (transaction == null) {
      throw SmtpSession.outOfSequence("send MAIL first");
    }
    if (chunks.begun()) {
      throw SmtpSession.outOfSequence("recipients come before the first BDAT");
    }
    if (transaction.countRcpt() > 2 * around.limits().recipients()) {
      conduct.overshoot();
    }
    RcptCommand rcpt = RcptCommand.parse(argument, transaction.smtpUtf8());
    transaction.add(rcpt, config(), client, around.limits().recipients());
    return Answer.ok(250, 1, 5, "recipient ok");
  }

  /** The answer to DATA, or to the end of data. */
  Answer data(Client client) throws IOException {
    if (transaction == null) {
      return dataRefused(SmtpSession.outOfSequence("send MAIL first").answer());
    }
    if (chunks.begun()) { // RFC 3030 section 2
      return dataRefused(SmtpSession.outOfSequence("this message comes by BDAT").answer());
    }
    if (!transaction.hasRecipients()) {
      return dataRefused(Answer.refused(Refusal.BAD_SEQUENCE, 554, 5, 1, "no valid recipients"));
    }
    MessageReceipt.Result result =
        new MessageReceipt(around, client, transaction).receive(input, replies);
    close();
    if (!result.dataRead()) {
      return dataRefused(result.answer());
    }
    return received(result.answer());
  }

  /** The answer to BDAT. */
  Answer chunk(String argument, Client client) throws RefusedException, IOException {
    ChunkedReceipt.Result result = chunks.receive(argument, client, transaction);
    if (result.ended()) {
      close();
      return received(result.answer());
    }
    return result.idle() ? conduct.junk(result.answer()) : result.answer();
  }

  private Answer received(Answer verdict) {
    if (verdict.reply().positive()) {
      conduct.forgive();
    }
    return verdict;
  }

  /**
   * A client waits for 354 before it sends a message (RFC 2920 section 3.1). What stands behind a
   * refused DATA is one that was sent without waiting: it must not run as commands.
   */
  private Answer dataRefused(Answer answer) {
    dataRefused = true;
    return input.buffered() ? answer.closing() : answer;
  }

  private RelayConfig config() {
    return around.config().get();
  }

  /** Ends the one that is under way, if any: nothing of it is accepted that has not been. */
  @Override
  public void close() {
    transaction = null;
    chunks.close();
    ending.endTransaction();
  }
}
