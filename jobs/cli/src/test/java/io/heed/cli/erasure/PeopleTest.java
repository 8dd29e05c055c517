package io.heed.cli.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.KeyedHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeopleTest {
  private static final KeyedHash KEY =
      new KeyedHash("a key of the tests".getBytes(StandardCharsets.UTF_8));
  private static final String NUMBER = "+12125550178";

  private final People people = new People(List.of(NUMBER, "jürgen", "a|b", "x_-1"), KEY);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+12125550178",
        "{\"to\":\"12125550178\"}",
        "{\"to\":12125550178}",
        "{\"to\":\"\\u002B12125550178\"}",
        "{\"to\":\"whatsapp:+12125550178\"}",
        "From=1&To=%2B12125550178&Body=",
        "To=%2b12125550178",
        "To=whatsapp%3A%2B12125550178",
        "who: jürgen",
        "{\"recipient_id\":\"x_-1\"}",
        "a|b"
      })
  void howeverTheyAreWritten(String text) {
    assertThat(areNamedIn(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+121255501789",
        "212125550178",
        "id12125550178",
        "+1212555017",
        "jurgen",
        "jrgen",
        "ajürgen",
        "x_-12",
        "a|c"
      })
  void notWhatIsLongerOrAnother(String text) {
    assertThat(areNamedIn(text)).isFalse();
  }

  /** As the topics' reader and as the warehouse have it. */
  private boolean areNamedIn(String text) {
    boolean found = people.areNamedIn(text.getBytes(StandardCharsets.UTF_8));
    assertThat(com.google.re2j.Pattern.compile(people.mentionPattern()).matcher(text).find())
        .as("by RE2")
        .isEqualTo(found);
    return found;
  }

  @Test
  void keysBeginWithAnIdOrItsHash() {
    assertThat(people.idOfKey(NUMBER + "|*")).isEqualTo(NUMBER);
    assertThat(people.idOfKey("a|b|list|of|mine")).isEqualTo("a|b");
    assertThat(people.idOfKey("a|list")).isNull();
    assertThat(people.idOfKey(NUMBER)).isNull();
    assertThat(people.idOfHashedKey(people.hash("a|b") + "|*")).isEqualTo("a|b");
    assertThat(people.idOfHashedKey(NUMBER + "|*")).isNull();
  }
}
