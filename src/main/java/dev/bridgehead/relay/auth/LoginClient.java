package dev.bridgehead.relay.auth;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** LOGIN: the name, then the password, whatever words they are asked for with. */
public final class LoginClient implements ClientExchange {
  private final Queue<String> answers;

  public LoginClient(String username, String password) {
    this.answers = new ArrayDeque<>(List.of(username, password));
  }

  @Override
  public byte @Nullable [] begin() {
    return null;
  }

  @Override
  public byte[] respond(byte[] challenge) throws UnfitChallengeException {
    String answer = answers.poll();
    if (answer == null) {
      throw new UnfitChallengeException("asks for more than LOGIN has");
    }
    return Utf8.encode(answer);
  }
}
