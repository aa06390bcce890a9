package dev.bridgehead.relay.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueIdTest {
  @Test
  void keepsTheTextAndItsOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      int length = 12 + random.nextInt(13);
      while (text.length() < length) {
        text.append("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt(random.nextInt(36)));
      }
      texts.add(text.toString());
      if (length < 24) {
        texts.add(text + "0");
      }
    }
    assertThat(texts.stream().map(QueueId::new).sorted().map(QueueId::toString))
        .as("seed %d", seed)
        .containsExactlyElementsOf(texts.stream().sorted().toList());
    assertThat(texts).allMatch(text -> new QueueId(text).equals(new QueueId(text)));
    assertThat(texts).allMatch(QueueId::isOne);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "AAAAAAAAAAA", "AAAAAAAAAAAAa", "AAAAAAAAAAAA/", "0000000000000000000000000"})
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> new QueueId(text)).isInstanceOf(IllegalArgumentException.class);
    assertThat(QueueId.isOne(text)).isFalse();
  }
}
