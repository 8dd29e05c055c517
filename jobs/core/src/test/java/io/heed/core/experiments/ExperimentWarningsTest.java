package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentWarningsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event: click|event: CLICK|primary_metric.event: 'CLICK' is spelled click in the schema",
        "event: opt-out|event: OPT_OUT|guardrails[0].event: 'OPT_OUT' is spelled opt-out",
        "start: 2026-03-02|start: 0026-03-02|start: the year 26 lies before",
        "minimum_effect: 0.2|minimum_effect: 0.2, equivalence_margin: 0.3"
            + "|equivalence_margin: is wider than minimum_effect",
        "event: click|event: click,   goal: non-inferior,   margin: 0.3"
            + "|primary_metric.margin: is wider than minimum_effect",
        "minimum_effect: 0.2|minimum_effect: 0.2, holdout: 0.1, control: holdout"
            + "|primary_metric: the control gets no message",
        "minimum_effect: 0.2|minimum_effect: 0.2, design: {type: planned-list; size: 4000}"
            + "|design: the test has 4,000 recipients, but needs 8,",
      })
  void warnsOfWhatIsHardlyMeant(String valid, String instead, String warning)
      throws ConfigException {
    String document = TWO_ARMS.replaceFirst(valid, instead.replace(", ", "\n").replace(';', ','));
    if (instead.contains("holdout")) {
      document = document.replace("guardrails:\n  - event: opt-out\n    margin: 0.5\n", "");
    }
    assertThat(ExperimentReader.KIND.warnings().parse("test.yaml", document))
        .singleElement()
        .extracting(ConfigError::toString)
        .asString()
        .matches("test.yaml:\\d+: .*")
        .contains(warning);
  }

  @Test
  void nothingIsWrongWithAnOrdinaryTest() throws ConfigException {
    assertThat(ExperimentReader.KIND.warnings().parse("test.yaml", TWO_ARMS)).isEmpty();
  }

  @Test
  void testsOfOneAudienceShareRecipients() {
    ExperimentConfig all = config(TWO_ARMS);
    ExperimentConfig deals = config(TWO_ARMS + "audience: {lists: [deals]}\n");
    ExperimentConfig news = config(TWO_ARMS + "audience: {lists: [news]}\n");
    ExperimentConfig over = config(TWO_ARMS + "audience: {lists: [deals]}\nhorizon: 7d\n");
    ExperimentConfig later = config(over(TWO_ARMS, "2026-04-01") + "audience: {lists: [deals]}\n");
    ExperimentConfig apart = config(TWO_ARMS + "exclusion_group: g\n");
    assertThat(all.mayShareRecipients(deals)).isTrue();
    assertThat(deals.mayShareRecipients(news)).isFalse();
    assertThat(deals.mayShareRecipients(later)).isTrue();
    assertThat(over.mayShareRecipients(later)).isFalse();
    assertThat(later.mayShareRecipients(over)).isFalse();
    assertThat(apart.mayShareRecipients(apart)).isFalse();
    assertThat(apart.mayShareRecipients(deals)).isTrue();
  }

  private static String over(String document, String start) {
    return document.replace("start: 2026-03-02", "start: " + start);
  }
}
