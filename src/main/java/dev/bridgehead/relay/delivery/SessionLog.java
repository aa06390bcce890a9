package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.policy.Ground;
import dev.bridgehead.relay.policy.TlsFault;
import dev.bridgehead.relay.policy.TlsPolicy;
import dev.bridgehead.relay.routing.NextHop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** A session's lines in the log, at debug; what matters to a postmaster at warn. */
record SessionLog(QueueId id, NextHop hop) implements Transcript {
  private static final Logger LOG = LoggerFactory.getLogger("bridgehead.session");

  @Override
  public void sent(String command) {
    line(LOG.atDebug()).log("> {}", command);
  }

  @Override
  public void received(Reply reply) {
    line(LOG.atDebug()).log("< {}", reply);
  }

  @Override
  public void noted(String event) {
    line(LOG.atDebug()).log(event);
  }

  @Override
  public void warned(String event) {
    line(LOG.atWarn()).log(event);
  }

  /** One came about; says so where it is less than its policy would like. */
  void opened(SmtpConnection connection, TlsPolicy policy) {
    boolean unproven = policy.ground() == Ground.DANE_UNUSABLE;
    if (unproven) {
      tls(LOG.atWarn(), policy).log("TLS, but nothing proves whose");
    } else if (!connection.encrypted() && policy.ground() != Ground.NONE) {
      tls(LOG.atInfo(), policy).log("no TLS");
    }
  }

  private LoggingEventBuilder tls(LoggingEventBuilder builder, TlsPolicy policy) {
    return line(builder)
        .addKeyValue("policy", policy.ground().label())
        .addKeyValue("text", policy.why());
  }

  /** No session came about. */
  void failed(SessionFailure failure, TlsPolicy policy) {
    TlsFault fault = failure.fault();
    LoggingEventBuilder line = line(fault == null ? LOG.atInfo() : LOG.atWarn());
    if (fault != null) {
      line = line.addKeyValue("policy", policy.ground().label()).addKeyValue("tls", fault.label());
    }
    line.addKeyValue("reason", failure.why().reason())
        .addKeyValue("text", failure.why().text())
        .log("no session");
  }

  private LoggingEventBuilder line(LoggingEventBuilder builder) {
    return builder.addKeyValue("id", id).addKeyValue("hop", hop);
  }
}
