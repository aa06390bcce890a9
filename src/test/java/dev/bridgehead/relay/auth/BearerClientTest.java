package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.auth.BearerExchange.Form;
import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client's side of what {@link BearerExchange} is the server's side of. */
class BearerClientTest {
  private static final String NAME = "a,b=c@example.com";
  private static final String TOKEN = "ya29.A-b_c~d+e/f==";

  private static BearerClient client(Form form) {
    return switch (form) {
      case OAUTHBEARER -> BearerClient.oauthBearer(NAME, TOKEN);
      case XOAUTH2 -> BearerClient.xoauth2(NAME, TOKEN);
    };
  }

  private static byte[] initial(BearerClient client) {
    return Objects.requireNonNull(client.begin());
  }

  @Test
  void saysByOauthbearerWhatTheRfcHas() {
    assertThat(Utf8.decode(initial(client(Form.OAUTHBEARER))))
        .contains("n,a=a=2Cb=3Dc@example.com,\u0001auth=Bearer " + TOKEN + "\u0001\u0001");
  }

  @Test
  void saysByXoauth2WhatGoogleAndMicrosoftHave() {
    assertThat(Utf8.decode(initial(client(Form.XOAUTH2))))
        .contains("user=" + NAME + "\u0001auth=Bearer " + TOKEN + "\u0001\u0001");
  }

  @ParameterizedTest
  @EnumSource
  void showsTheServersSideTheTokenAndAcknowledgesARefusal(Form form) throws Exception {
    List<String> seen = new ArrayList<>();
    Rejected no = new Rejected(Reason.BAD_CREDENTIALS, "", "expired");
    BearerExchange server =
        new BearerExchange(
            form,
            token -> {
              seen.add(token);
              return no;
            });
    BearerClient client = client(form);

    Turn turn = server.respond(initial(client));

    assertThat(seen).containsExactly(TOKEN);
    assertThat(turn).isInstanceOf(Challenge.class);
    byte[] answer = client.respond(((Challenge) turn).octets());
    assertThat(answer).isEqualTo(form == Form.OAUTHBEARER ? new byte[] {1} : new byte[0]);
    assertThat(server.respond(answer)).isEqualTo(no);
  }

  @ParameterizedTest
  @EnumSource
  void repeatsItselfToAServerThatOverlooksAnInitialResponseOnce(Form form) throws Exception {
    BearerClient client = client(form);
    assertThat(client.respond(new byte[0])).isEqualTo(client.begin());
    assertThatThrownBy(() -> client.respond(new byte[0]))
        .isInstanceOf(UnfitChallengeException.class)
        .hasMessage("asks for more than a token");
  }
}
