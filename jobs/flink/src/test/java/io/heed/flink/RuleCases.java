package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.model.Click;
import io.heed.core.model.RecipientIds;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Field cases that one class of rules answers by itself. */
final class RuleCases {
  private RuleCases() {}

  /** The checks by kind of case. */
  static Map<String, FieldCheck> checks() {
    return Map.of(
        "false opt-out (recogniser called directly)", RuleCases::intent,
        "what a reply means", RuleCases::intent,
        "class of an error code", RuleCases::errorClass,
        "one form of an id", RuleCases::id,
        "plan crashes", RuleCases::plan,
        "impossible minimum effect", RuleCases::impossibleEffect,
        "link scanners", RuleCases::scanners);
  }

  private static void intent(JsonNode input, String expected) {
    ReplyIntent intent = ReplyRecogniser.standard().recognise(input.asText());
    assertThat(intent.kind().name())
        .as("'%s' %s", input.asText(), intent.reason())
        .isEqualTo(expected.replaceAll(" .*", ""));
  }

  private static void errorClass(JsonNode input, String expected) {
    String vendor = input.path("vendor").asText(null);
    assertThat(DeliveryErrors.standard().classOf(vendor, input.path("error_code").asText()))
        .hasToString(expected);
  }

  private static void id(JsonNode input, String expected) {
    RecipientIds ids = new RecipientIds("US");
    String written = input.asText();
    assertThat(ids.canonical(written, null))
        .isEqualTo(expected.equals("as written") ? written : expected);
  }

  private static void plan(JsonNode input, String expected) throws Exception {
    String changes = input.asText().replaceAll(" \\(.*\\)", "").replace("ten arms, ", "arms: 10\n");
    assertThat(new ExperimentForecast(experiment(changes), 1_000, 1).withRuns(1).lines())
        .as(expected)
        .isNotEmpty();
  }

  private static void impossibleEffect(JsonNode input, String expected) {
    assertThatThrownBy(() -> experiment(input.asText().replace(", ", "\n")))
        .as(expected)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(expected.replaceAll("\\D+", "") + ".0 %");
  }

  /** An experiment that a few lines change: fields of the file, or its number of arms. */
  private static ExperimentConfig experiment(String changes) throws ConfigException {
    int arms = 2;
    String base = "0.1";
    String effect = "0.2";
    StringBuilder more = new StringBuilder();
    for (String line : changes.split("\n", -1)) {
      String value = line.substring(line.indexOf(' ') + 1);
      if (line.startsWith("arms:")) {
        arms = Integer.parseInt(value);
      } else if (line.startsWith("expected_base_rate:")) {
        base = value;
      } else if (line.startsWith("minimum_effect:")) {
        effect = value;
      } else {
        more.append(line).append('\n');
      }
    }
    StringBuilder variants = new StringBuilder();
    for (int i = 0; i < arms; i++) {
      variants.append("  - {id: ").append(i == 0 ? "control" : "v" + i).append(", weight: 1}\n");
    }
    return ExperimentReader.parse(
        "x.yaml",
        """
        id: x
        owner: o
        hypothesis: h
        variants:
        %sprimary_metric: {event: click, window: 24h, expected_base_rate: %s}
        guardrails:
          - {event: opt-out, margin: 0.5}
        minimum_effect: %s
        start: 2026-03-02
        %s"""
            .formatted(variants, base, effect, more));
  }

  /** Names of programs, which put their version behind them, or whole agents as an array. */
  private static void scanners(JsonNode input, String expected) {
    List<String> agents = new ArrayList<>();
    if (input.isArray()) {
      input.forEach(agent -> agents.add(agent.asText()));
    } else {
      String names = input.asText().replaceAll("^default agents of | \\(.*\\)$", "");
      for (String name : names.split(", ", -1)) {
        agents.add(name.matches(".* \\d+") ? name : name + "/1.0");
      }
    }
    List<String> wrong = new ArrayList<>();
    for (String agent : agents) {
      Click click = new Click("c", 1_772_470_800_000L, "p", "m", null, null, agent, null);
      if (LinkScanners.standard().isScanner(click) != expected.equals("scanner")) {
        wrong.add(agent);
      }
    }
    assertThat(wrong).as(expected).isEmpty();
  }
}
