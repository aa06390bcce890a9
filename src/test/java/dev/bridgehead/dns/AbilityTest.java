package dev.bridgehead.dns;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AbilityTest {
  private final SettableClock clock = new SettableClock();
  private @Nullable String lack = "no signatures";
  private int looks;

  private final Ability ability =
      new Ability(
          () -> {
            looks++;
            return lack;
          },
          clock);

  @Test
  void looksAgainWhereServersWereOfNoUse() {
    assertThat(ability.lack()).isEqualTo("no signatures");
    assertThat(ability.lack()).isEqualTo("no signatures");
    assertThat(looks).isEqualTo(1);

    lack = null;
    clock.pass(Ability.UNABLE_FOR);

    assertThat(ability.lack()).isNull();
    assertThat(looks).isEqualTo(2);
  }

  /** Whoever makes packets vanish must not switch DNSSEC off. */
  @Test
  void holdsServersToWhatTheyOnceDid() {
    lack = null;
    assertThat(ability.lack()).isNull();

    lack = "no answer";
    clock.pass(Ability.UNABLE_FOR.multipliedBy(10_000));

    assertThat(ability.lack()).isNull();
  }
}
