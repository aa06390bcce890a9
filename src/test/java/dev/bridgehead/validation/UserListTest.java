package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserListTest {
  /** PostgreSQL 16's of the password "pencil". */
  private static final String HASH =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
          + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

  @Test
  void readsAUserALine() {
    UserList list = UserList.parse("# the shop\n\nshop@example.com:" + HASH + "\r\nweb:" + HASH);

    assertThat(list.faults()).isEmpty();
    assertThat(list.users()).containsOnlyKeys("shop@example.com", "web");
    assertThat(list.users()).containsEntry("web", StoredPassword.parse(HASH));
    assertThat(StoredPassword.parse(HASH).text()).isEqualTo(HASH);
    assertThat(StoredPassword.parse(HASH).iterations()).isEqualTo(4096);
  }

  @Test
  void keepsNamesInOneForm() {
    UserList list = UserList.parse("\uFF53hop\u00AD:" + HASH);

    assertThat(list.users()).containsOnlyKeys("shop");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop:hunter2secret",
        "shop hunter2secret",
        "hunter2secret",
        "shop:{PLAIN}hunter2secret",
        "shop:$2y$10$hunter2secret",
        "shop:SCRAM-SHA-256$hunter2secret",
        ":hunter2secret",
        "shop:SCRAM-SHA-1$4096:hunter2secret",
        "\u0007hunter2secret:x",
        "hunter2secret :x"
      })
  void namesTheLineOfAFaultAndNoWordOfIt(String line) {
    UserList list = UserList.parse("ok:" + HASH + "\n" + line + "\n");

    assertThat(list.users()).containsOnlyKeys("ok");
    assertThat(list.faults())
        .singleElement()
        .asString()
        .startsWith("line 2 ")
        .doesNotContain("hunter2secret", "shop");
  }

  @Test
  void adviseWhereAPasswordStandsInClear() {
    assertThat(UserList.parse("shop:hunter2").faults())
        .containsExactly(
            "line 1 has no hash: a password is never kept in clear text; `bridgehead user-hash"
                + " NAME` makes a line");
    assertThat(UserList.parse("shop:$2y$10$abc").faults())
        .singleElement()
        .asString()
        .contains("a hash of another kind than SCRAM-SHA-256");
  }

  @Test
  void refusesANameTwice() {
    assertThat(UserList.parse("a:" + HASH + "\nA\u00AD:" + HASH + "\na\u00AD:" + HASH).faults())
        .containsExactly("line 3 must not have a name that a line before it has");
  }

  @Test
  void saysThatAListIsEmpty() {
    assertThat(UserList.parse("# nobody\n").faults())
        .singleElement()
        .asString()
        .contains("no line");
  }

  @Test
  void endsAnEndlessListOfFaults() {
    assertThat(UserList.parse("x\n".repeat(100_000)).faults()).hasSize(11).endsWith("and more");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SCRAM-SHA-256$4095:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s",
        "SCRAM-SHA-256$600001:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s",
        "SCRAM-SHA-256$999999999999:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s",
        "SCRAM-SHA-256$4096:W22Z$%s:%s",
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=$%s:%s",
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gR==$%s:%s",
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%s:AAAA",
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s:",
        " SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s",
      })
  void refusesHashesThatAreNotWhole(String form) {
    String key = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=";
    assertThatThrownBy(() -> StoredPassword.parse(form.formatted(key, key)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith("must ")
        .doesNotContain("W22Z");
  }

  @Test
  void neverShowsAHash() {
    assertThat(UserList.parse("web:" + HASH).toString()).doesNotContain("WG5d").contains("web");
    assertThat(StoredPassword.parse(HASH).toString()).doesNotContain("WG5d", "W22Z");
  }

  /** RFC 4013 section 3. */
  @Test
  void preparesAsTheRfcShows() {
    assertThat(Saslprep.stored("I\u00ADX")).isEqualTo("IX");
    assertThat(Saslprep.stored("user")).isEqualTo("user");
    assertThat(Saslprep.stored("USER")).isEqualTo("USER");
    assertThat(Saslprep.stored("\u00AA")).isEqualTo("a");
    assertThat(Saslprep.stored("\u2168")).isEqualTo("IX");
    assertThat(Saslprep.stored("a\u00A0b")).isEqualTo("a b");
    for (String refused : new String[] {"\u0007", "\u0627\u0031", "\u00AD", "", "\ud800", "a\nb"}) {
      assertThatThrownBy(() -> Saslprep.query(refused))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .startsWith("must ");
    }
  }

  @Test
  void takesNewCharactersOnlyFromClients() {
    String emoji = "\uD83D\uDD11"; // not in Unicode 3.2

    assertThat(Saslprep.query(emoji)).isEqualTo(emoji);
    assertThatThrownBy(() -> Saslprep.stored(emoji)).isInstanceOf(IllegalArgumentException.class);
  }
}
