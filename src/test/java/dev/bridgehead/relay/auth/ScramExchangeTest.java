package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.StoredPassword;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramExchangeTest {
  private static final byte[] SALT = Base64Text.decode("W22ZaJ0SNY7soEsUEjb6gQ==");
  private static final Users USERS =
      new Users(
          Map.of("user", Scram.store("pencil", SALT, 4096), "a,b=c", Scram.store("x", SALT, 4096)));
  private static final String FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
  private static final String NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  private static final String FINAL = "c=biws,r=" + NONCE;
  private static final String PROOF = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

  private static Exchange exchange() {
    return new ScramExchange(USERS, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  }

  /** RFC 7677 section 3. */
  @Test
  void playsTheExampleOfTheRfc() {
    Exchange exchange = exchange();

    assertThat(Accept.text(Accept.play(exchange, List.of(FIRST))))
        .isEqualTo("r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    assertThat(Accept.text(Accept.play(exchange, List.of(FINAL + "," + PROOF))))
        .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    assertThat(Accept.play(exchange, List.of(""))).isEqualTo(new Accepted("user"));
  }

  /** As many extensions as a line of AUTH has room for. */
  @Test
  void bearsAFinalMessageFullOfExtensions() {
    Exchange exchange = exchange();
    Accept.play(exchange, List.of(FIRST));

    String message = FINAL + ",a=b".repeat(2200) + "," + PROOF;

    assertThat(Accept.play(exchange, List.of(message)))
        .isInstanceOfSatisfying(
            Rejected.class, no -> assertThat(no.why()).isEqualTo(Reason.BAD_CREDENTIALS));
  }

  @Test
  void keepsWhatPostgresKeeps() {
    assertThat(Scram.store("pencil", SALT, 4096).text())
        .isEqualTo(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
                + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "n,,n=user,r=abc; user; pencil; user",
        "y,,n=user,r=abc; user; pencil; user",
        "n,a=user,n=user,r=abc; user; pencil; user",
        "n,,n=user,r=abc,x=later; user; pencil; user",
        "n,,n=a=2Cb=3Dc,r=abc; a,b=c; x; a,b=c",
      })
  void takesTheFormsOfAFirstMessage(String first, String name, String password, String user) {
    Exchange exchange = exchange();
    Turn turn = answered(exchange, first, "", password);

    assertThat(turn).as(name).isInstanceOf(Challenge.class);
    assertThat(Accept.play(exchange, List.of(""))).isEqualTo(new Accepted(user));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "p=tls-exporter,,n=user,r=abc; BAD_CREDENTIALS",
        "n,a=other,n=user,r=abc; BAD_CREDENTIALS",
        "n,,m=must,n=user,r=abc; MALFORMED",
        "n,,n=us=er,r=abc; MALFORMED",
        "n,,n=user; MALFORMED",
        "n,,n=user,r=; MALFORMED",
        "n,,n=,r=abc; MALFORMED",
        "n,,r=abc,n=user; MALFORMED",
        "n=user,r=abc; MALFORMED",
        "x,,n=user,r=abc; MALFORMED",
        "n,,n=user,r=a b; MALFORMED",
        "n,,n=user,r=\u00e4; MALFORMED",
        "n,,n=\u0007,r=abc; BAD_CREDENTIALS",
        "''; MALFORMED",
      })
  void refusesOtherFirstMessages(String first, Reason reason) {
    assertThat(Accept.play(exchange(), List.of(first)))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.why()).isEqualTo(reason));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1",
        "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO",
      })
  void aChangedNonceOrHeaderIsRefusedEvenWithAProofOfIt(String last) {
    Exchange exchange = exchange();

    Turn turn = answered(exchange, FIRST, last, "pencil");

    assertThat(turn).isEqualTo(new Rejected(Reason.BAD_CREDENTIALS, "user", ""));
  }

  @Test
  void aWrongPasswordIsRefused() {
    assertThat(answered(exchange(), FIRST, "", "pen"))
        .isEqualTo(new Rejected(Reason.BAD_CREDENTIALS, "user", ""));
  }

  /** With the very keys that were made up for the name. */
  @Test
  void nobodyLogsInAsAUserThatThereIsNot() {
    Exchange exchange = exchange();
    Turn challenge = Accept.play(exchange, List.of("n,,n=nobody,r=abc"));
    assertThat(Accept.text(challenge)).matches("r=abc.+,s=.{24},i=4096");

    Turn turn =
        Accept.play(exchange, List.of("c=biws,r=abc" + nonce() + ",p=" + "A".repeat(43) + "="));

    assertThat(turn).isEqualTo(new Rejected(Reason.BAD_CREDENTIALS, "nobody", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c=biws",
        "c=biws,r=x",
        "c=biws,r=x,p=",
        "c=biws,r=x,p=@@@@",
        "c=biws,r=x,p=AAA",
        "r=x,c=biws,p=AAAA",
        "c=biws,r=x,p=AAAA,",
        "c=biws,r=x,p=AAAA\n"
      })
  void refusesOtherFinalMessages(String last) {
    assertThat(Accept.play(exchange(), List.of(FIRST, last)))
        .isEqualTo(new Rejected(Reason.MALFORMED, "user", ""));
  }

  @Test
  void theServersSignatureIsAcknowledgedWithNothing() {
    assertThat(Accept.play(exchange(), List.of(FIRST, FINAL + "," + PROOF, "thanks")))
        .isEqualTo(new Rejected(Reason.MALFORMED, "user", ""));
  }

  private static String nonce() {
    return "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  }

  /** What a client that knows a password says; an empty last message is the proper one. */
  private static Turn answered(Exchange exchange, String first, String last, String password) {
    String challenge = Accept.text(Accept.play(exchange, List.of(first)));
    int header = first.indexOf(',', first.indexOf(',') + 1) + 1;
    String withoutProof =
        last.isEmpty()
            ? "c="
                + Base64Text.encode(Utf8.encode(first.substring(0, header)))
                + ","
                + challenge.substring(0, challenge.indexOf(",s="))
            : last;
    String authMessage = first.substring(header) + "," + challenge + "," + withoutProof;
    StoredPassword stored = Scram.store(password, SALT, 4096);
    byte[] clientKey = Scram.hmac(Scram.salted(password, SALT, 4096), "Client Key");
    byte[] signature = Scram.hmac(Base64Text.decode(stored.storedKey()), authMessage);
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= signature[i];
    }
    return Accept.play(exchange, List.of(withoutProof + ",p=" + Base64Text.encode(clientKey)));
  }
}
