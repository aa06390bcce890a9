package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.Saslprep;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ScramClientTest {
  private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
  private static final String BOTH = NONCE + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  private static final String FIRST = "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  private static final String SIGNATURE = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

  private static ScramClient client() {
    return new ScramClient("user", "pencil", NONCE);
  }

  private static String respond(ClientExchange client, String challenge)
      throws UnfitChallengeException {
    return text(client.respond(Utf8.encode(challenge)));
  }

  private static String text(byte[] octets) {
    return Utf8.decode(octets).orElseThrow();
  }

  /** RFC 7677 section 3. */
  @Test
  void playsTheExampleOfTheRfc() throws UnfitChallengeException {
    ScramClient client = client();

    assertThat(text(Objects.requireNonNull(client.begin()))).isEqualTo("n,,n=user,r=" + NONCE);
    assertThat(respond(client, FIRST))
        .isEqualTo("c=biws,r=" + BOTH + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    assertThat(client.serverProved()).isFalse();
    assertThat(respond(client, SIGNATURE)).isEmpty();
    assertThat(client.serverProved()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "user, pencil",
    "'a,b=c', 'x,y=z'",
    "J\u00fcrgen, pa\u00dfwort \u20ac",
    "\u2168, I\u00adX",
  })
  void logsInAtOurOwnServer(String name, String password) throws UnfitChallengeException {
    Users users = Accept.users(Saslprep.stored(name), password);

    assertThat(played(users, name, password)).isInstanceOf(Accepted.class);
    assertThat(played(users, name, password + "!"))
        .isInstanceOfSatisfying(
            Rejected.class, no -> assertThat(no.why()).isEqualTo(Reason.BAD_CREDENTIALS));
  }

  private static Turn played(Users users, String name, String password)
      throws UnfitChallengeException {
    ScramClient client = new ScramClient(name, password, Nonce.of(new SecureRandom()));
    Exchange server = Accept.exchange(Mechanism.SCRAM_SHA_256, users, null);
    Turn turn = server.respond(Objects.requireNonNull(client.begin()));
    while (turn instanceof Challenge(byte[] challenge)) {
      turn = server.respond(client.respond(challenge));
    }
    assertThat(client.serverProved()).isEqualTo(turn instanceof Accepted);
    return turn;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=",
        "v=AAAA",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4",
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        "e=invalid-proof",
        "e=other,v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
      })
  void aServerThatDoesNotKnowThePasswordProvesNothing(String last) throws UnfitChallengeException {
    ScramClient client = client();
    respond(client, FIRST);

    assertThatThrownBy(() -> respond(client, last)).isInstanceOf(UnfitChallengeException.class);
    assertThat(client.serverProved()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=other" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=" + BOTH + ",s=,i=4096",
        "r=" + BOTH + ",s=@@@@,i=4096",
        "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096",
        "m=must,r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==",
        "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-4096",
        SIGNATURE,
      })
  void refusesOtherFirstMessages(String first) {
    assertThatThrownBy(() -> respond(client(), first)).isInstanceOf(UnfitChallengeException.class);
  }

  /** Few make the proof easy to try passwords on; many keep this machine busy. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "4095", "4000001", "999999999", "9999999999"})
  void refusesAnUnfitNumberOfIterations(String iterations) {
    String first = FIRST.replace("i=4096", "i=" + iterations);

    assertThatThrownBy(() -> respond(client(), first)).isInstanceOf(UnfitChallengeException.class);
  }

  @Test
  void toleratesExtensions() throws UnfitChallengeException {
    ScramClient client = client();

    assertThat(respond(client, FIRST + ",x=y" + ",z=1".repeat(1000))).startsWith("c=biws,r=");
  }

  @Test
  void answersNothingMoreOnceTheServerHasProvedItself() throws UnfitChallengeException {
    ScramClient client = client();
    respond(client, FIRST);
    respond(client, SIGNATURE);

    assertThatThrownBy(() -> respond(client, SIGNATURE)).hasMessage("asks for more than SCRAM has");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", "\u0007", "\u0627\u0031a"})
  void saysWhatIsWrongWithAPasswordWithoutShowingIt(String password) {
    assertThatThrownBy(() -> new ScramClient("user", password, NONCE))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).startsWith("must not").doesNotContain(password));
  }

  @Test
  void aSignatureOfAnotherLoginIsRefused() throws UnfitChallengeException {
    ScramClient client = new ScramClient("user", "pencil", "another" + NONCE);
    byte[] salt = Base64Text.decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    Exchange server =
        new ScramExchange(new Users(Map.of("user", Scram.store("pencil", salt, 4096))), "server");
    Turn turn = server.respond(Objects.requireNonNull(client.begin()));
    client.respond(((Challenge) turn).octets());

    assertThatThrownBy(() -> respond(client, SIGNATURE))
        .hasMessage("did not prove that it knows the password");
    assertThat(client.serverProved()).isFalse();
  }
}
