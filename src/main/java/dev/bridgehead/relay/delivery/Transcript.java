package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Reply;

/** Told of a session's commands and replies as they pass. Never sees a password or content. */
public interface Transcript {
  /** A command, without its line end; credentials are replaced by {@code ***}. */
  void sent(String command);

  void received(Reply reply);

  /** Something that is neither, such as a finished TLS handshake. */
  void noted(String event);

  /** Something that a postmaster would want to know. */
  void warned(String event);
}
