package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatedTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                      | {\"a\": 1}                          | true",
        "{\"a\": 1}              | {\"a\": 1, \"b\": {\"c\": 2}}       | true",
        "{\"a\": {\"b\": \"x\"}} | {\"a\": {\"b\": \"x\", \"c\": 1}}   | true",
        "{\"a\": [{\"b\": 1}]}   | {\"a\": [{\"b\": 1, \"c\": 2}]}     | true",
        "{\"a\": {}}             | {\"a\": {}}                         | true",
        "{\"a\": \"1\"}          | {\"a\": 1}                          | true",
        "{\"a\": 1}              | {}                                  | false",
        "{\"a\": 1}              | {\"a\": 2}                          | false",
        "{\"a\": {}}             | {\"b\": 1}                          | false",
        "{\"a\": [1]}            | {\"a\": [1, 2]}                     | false",
        "{\"a\": [1, 2]}         | {\"a\": [2, 1]}                     | false",
        "{\"a\": []}             | {\"a\": [1]}                        | false",
        "{\"a\": \"1Gi\"}        | {\"a\": \"1024Mi\"}                 | false",
        "{\"a\": {}}             | {\"a\": []}                         | false",
        "{\"a\": \"\"}           | {\"a\": {}}                         | false",
      })
  void isInWhateverElseIsThereButForLists(String stated, String actual, boolean in)
      throws JsonProcessingException {
    assertThat(Stated.in(JSON.readTree(stated), JSON.readTree(actual))).isEqualTo(in);
  }
}
