package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
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

  /** No session came about. */
  void failed(SessionFailure failure) {
    line(LOG.atInfo())
        .addKeyValue("reason", failure.why().reason())
        .addKeyValue("text", failure.why().text())
        .log("no session");
  }

  private LoggingEventBuilder line(LoggingEventBuilder builder) {
    return builder.addKeyValue("id", id).addKeyValue("hop", hop);
  }
}
