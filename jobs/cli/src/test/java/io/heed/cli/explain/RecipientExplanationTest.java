package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipientExplanationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no more | OPT_OUT: the whole message: 'no more'",
        "sotp | OPT_OUT: the whole message, misspelt: 'stop'",
        "STOP ACME | OPT_OUT: the keyword comes first: 'stop'",
        "wrong number | WRONG_NUMBER: the whole message: 'wrong number'",
      })
  void showsWhatAReplyWasTakenForAndByWhichRule(String body, String expected) {
    assertThat(RecipientExplanation.reply(0, body))
        .isEqualTo("1970-01-01T00:00:00Z \"" + body + "\" is " + expected);
  }

  @Test
  void showsOneShortLineOfALongReply() {
    assertThat(RecipientExplanation.reply(0, "a\nb ".repeat(100)))
        .contains("a b a b")
        .contains("...\" is NONE")
        .hasSizeLessThan(160);
  }
}
