package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
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

  @Test
  void theOptimizersSentenceHasTheFiguresOfTheVerdict() throws Exception {
    String verdict =
        """
        {"verdict": "DEFER", "propensity": 0.99, "not_before": 1764806400000,
         "value": {"cause": "UNWANTED", "brings_micros": 40000, "hazard": 0.011,
          "subscriber_micros": 9100000}}
        """;
    assertThat(RecipientExplanation.sentence(new ObjectMapper().readTree(verdict)))
        .isEqualTo(
            "This message would bring about 0.04 and put 1.1 % of a subscriber worth 9.10 at risk;"
                + " the risk is dearer than what it brings. Ask again on Thursday, 2025-12-04.");
    String shadow = verdict.replace("DEFER\",", "ALLOW\", \"value_verdict\": \"DEFER\",");
    assertThat(RecipientExplanation.sentence(new ObjectMapper().readTree(shadow)))
        .isEqualTo(
            "In shadow mode the optimizer would defer it. This message would bring about 0.04 and"
                + " put 1.1 % of a subscriber worth 9.10 at risk; the risk is dearer than what it"
                + " brings.");
    String plain = "{\"verdict\": \"ALLOW\"}";
    assertThat(RecipientExplanation.sentence(new ObjectMapper().readTree(plain))).isEmpty();
    String later = verdict.replace("UNWANTED", "A_CAUSE_OF_A_LATER_RELEASE");
    assertThat(RecipientExplanation.sentence(new ObjectMapper().readTree(later))).isEmpty();
  }
}
