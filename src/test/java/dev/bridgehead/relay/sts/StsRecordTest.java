package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.relay.sts.StsRecord.Absent;
import dev.bridgehead.relay.sts.StsRecord.Announced;
import dev.bridgehead.relay.sts.StsRecord.Unusable;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StsRecordTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=STSv1; id=20160831085700Z;",
        "v=STSv1;id=20160831085700Z",
        "v=STSv1 ;\tid=20160831085700Z ; ",
        "v=STSv1; x.y-z_1=!a<b>c; id=20160831085700Z;",
        "v=STSv1; id=20160831085700Z; id=other;"
      })
  void announcesAnId(String text) {
    assertThat(of(text)).isEqualTo(new Announced("20160831085700Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=spf1 -all",
        "v=STSv2; id=1;",
        "v=STSv10; id=1;",
        "v=stsv1; id=1;",
        " v=STSv1; id=1;",
        "id=1; v=STSv1;",
        "\0"
      })
  void whatDoesNotBeginWithTheVersionIsAnotherRecord(String text) {
    assertThat(of(text)).isEqualTo(new Absent());
    assertThat(of(text, "v=STSv1; id=1;")).isEqualTo(new Announced("1"));
  }

  static Stream<Arguments> unusable() {
    return Stream.of(
        arguments("v=STSv1", "the TXT record has no id"),
        arguments("v=STSv1;", "the TXT record has no id"),
        arguments("v=STSv1; x=1", "the TXT record has no id"),
        arguments("v=STSv1; ID=1", "the TXT record has no id"),
        arguments("v=STSv1; id=", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id=1;;", "field 3 of the TXT record is none"),
        arguments("v=STSv1; id=1; x", "field 3 of the TXT record is none"),
        arguments("v=STSv1; id=1 2", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id=\u00E4", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id=1\0", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id=1\n", "field 2 of the TXT record is none"),
        arguments("v=STSv1; id=a-b", "the TXT record's id is not of 1 to 32 letters and digits"),
        arguments(
            "v=STSv1; id=" + "1".repeat(33),
            "the TXT record's id is not of 1 to 32 letters and digits"),
        arguments(
            "v=STSv1;" + " ".repeat(60_000) + "id=1", "the TXT record is longer than 1024 octets"),
        arguments(
            "v=STSv1; id=../../etc", "the TXT record's id is not of 1 to 32 letters and digits"));
  }

  @ParameterizedTest
  @MethodSource
  void unusable(String text, String why) {
    assertThat(of(text)).isEqualTo(new Unusable(why));
  }

  @Test
  void severalCountAsNone() {
    assertThat(of("v=STSv1; id=1;", "v=STSv1; id=1;"))
        .isEqualTo(new Unusable("there are several TXT records of v=STSv1"));
  }

  @Test
  void aLookUpThatFailsSaysSo() {
    assertThat(StsRecord.of(new Answer.TemporaryFailure<>("SERVFAIL")))
        .isEqualTo(new Unusable("SERVFAIL"));
    assertThat(StsRecord.of(new Answer.NoData<>())).isEqualTo(new Absent());
    assertThat(StsRecord.of(new Answer.NameError<>())).isEqualTo(new Absent());
  }

  private static StsRecord of(String... texts) {
    return StsRecord.of(new Answer.Found<>(List.of(texts)));
  }
}
