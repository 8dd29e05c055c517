package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.cli.explain.ExperimentAccount.Point;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentAccountTest {
  @Test
  void plotsTheSequenceOverTime() {
    List<Point> path = new ArrayList<>();
    path.add(new Point(0, Double.NaN, 0.5, Double.NaN, 10));
    for (int i = 1; i <= 60; i++) {
      path.add(new Point(i * 3_600_000L, 0.2 - 1.0 / i, 0.2, 0.2 + 1.0 / i, 100L * i));
    }
    List<String> plot = ExperimentAccount.plot(path, " %");
    assertThat(plot).hasSize(25);
    assertThat(plot.get(0)).contains("1970-01-01T00:00:00Z", " 10 ", "  <---").endsWith("*");
    assertThat(plot.get(23)).matches(".*6,000 +\\| *\\[-*\\*-*].*");
    assertThat(plot.get(24)).contains("the edges are at ±0.267 %");
  }

  @Test
  void saysWhatWasTested() throws Exception {
    Path file = Path.of("../../experiment-config/experiments/launch-copy.yaml");
    ExperimentConfig config = ExperimentReader.parse(file.toString(), Files.readString(file));
    assertThat(ExperimentAccount.tested(config))
        .contains(
            "What was tested, for growth@example.com: A shorter text for the season launch is"
                + " clicked more, and sells more.",
            "  control               40.0 %  control",
            "  holdout               20.0 %  gets no message",
            "  click within 24 hours: 8 % expected, to be distinguished from a rate better by 15 % of it.",
            "  Guardrail opt-out within 24 hours: at most 50 % worse, which a winner must not be shown to"
                + " exceed.");
  }

  @Test
  void saysWhichCapsAreTested() throws Exception {
    Path file = Path.of("../../experiment-config/examples/frequency.yaml");
    ExperimentConfig config = ExperimentReader.parse(file.toString(), Files.readString(file));
    assertThat(ExperimentAccount.tested(config))
        .anyMatch(line -> line.matches("  as-now +33.3 %  control"))
        .anyMatch(line -> line.matches("  two-a-week +33.3 %  at most 2 PROMOTIONAL in 168 hours"));
  }

  private static List<String> summary(String decision) throws Exception {
    return ExperimentAccount.summary(new ObjectMapper().readTree(decision));
  }

  @Test
  void saysWhyInWords() throws Exception {
    String decision =
        """
        {"experiment_id":"e","state":"WINNER","winner_variant_id":"b","final":true,
         "decided_at":1772409600000,"effective_from":1772409600000,"epoch":1,
         "reasons":["EVIDENCE_FOR_WINNER"],"allocation":{"a":0.0,"b":1.0},
         "sample_ratio_p_value":0.7,"contaminated":3,"config_hash":"abc",
         "guardrails":[{"metric":"opt-out","variant_id":"b","harmed":false,"non_inferior":true}],
         "held_by":{"guardrail":"opt-out","variant_id":"b","recipients_missing":52000},
         "not_shown":["non-inferiority of opt-out in b"]}
        """;
    assertThat(summary(decision))
        .contains(
            "Experiment e: WINNER b since 2026-03-02T00:00:00Z, for good",
            "  b                        100.00 %",
            "b has won, but waits until guardrail opt-out is shown not to be worse: about 52,000 more"
                + " recipients.",
            "Not shown by the horizon: non-inferiority of opt-out in b.",
            "Guardrail opt-out in b: shown not to be worse (p of harm 1.00)")
        .anyMatch(line -> line.contains("losing side"));
    String tested = "\"tested\":{\"margin\":0.1,\"control_variant_id\":\"%s\"},";
    assertThat(
            summary(
                decision.replace(
                    "{\"experiment_id", "{" + tested.formatted("a") + "\"experiment_id")))
        .contains(
            "  It is shown to be worse than the control by less than 10.00 %, and the guardrails"
                + " allow it.");
    assertThat(
            summary(
                decision.replace(
                    "{\"experiment_id", "{" + tested.formatted("b") + "\"experiment_id")))
        .contains("  Every variant is shown to be worse than the control by more than 10.00 %.");
  }
}
