package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.DAY;
import static io.heed.core.experiments.TestingExperiments.START;
import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static io.heed.core.experiments.TestingExperiments.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import io.heed.core.rules.Cap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ExperimentConfigTest {
  private static final Path FOLDER = Path.of("../../experiment-config");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FULL =
      """
      id: full
      owner: o
      hypothesis: h
      variants:
        - {id: a, weight: 1, description: d, send_at: "12:00"}
        - {id: b, weight: 3, caps: [{limit: 2, window: 7d}]}
      holdout: {id: none, share: 0.1}
      control: b
      exclusion_group: g
      audience: {lists: [l], tags: [t]}
      primary_metric:
        name: revenue
        event: conversion
        type: revenue
        kinds: [PURCHASE]
        window: 3d
        expected_base_rate: 0.04
        expected_value: 55.5
        expected_deviation: 40
      metrics:
        - {event: click, window: 1d}
      guardrails:
        - {name: g, event: opt-out, window: 12h, margin: 0.1, minimum_effect: 0.3,
           expected_base_rate: 0.01, mode: veto}
      alpha: 0.01
      power: 0.9
      minimum_effect: 0.1
      equivalence_margin: 0.02
      covariate: {window: 14d}
      design:
        type: planned-list
        size: 1000
        looks: 5
        spending: obrien-fleming
        test_share: 0.5
        remainder: {wait_until: 2026-03-03T00:00:00Z, otherwise: control}
      start: 2026-03-02
      horizon: 3d
      on_winner: announce
      on_invalid: control
      assigned_by: sender
      evaluate_every: 10m
      effective_from: 2026-03-02T10:00:00+01:00
      """;

  static Stream<Path> files() throws IOException {
    return Stream.of("experiments", "examples")
        .flatMap(
            folder -> {
              try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
                return files
                    .filter(f -> f.toString().endsWith(".yaml"))
                    .filter(ExperimentConfigTest::isExperiment)
                    .toList()
                    .stream();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  private static boolean isExperiment(Path file) {
    try {
      return Files.readString(file).contains("$schema=../schemas/experiment.schema.json");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void shippedFilesAreValidForParserAndEditor(Path file) throws Exception {
    String text = Files.readString(file);
    ExperimentConfig config = ExperimentReader.parse(file.toString(), text);
    assertThat(schemaErrors(text)).isEmpty();
    assertThat(config.fixedSize()).isPositive();
    assertThat(text).containsPattern("(?m)^  - id: \\S+\n    weight: \\S+$");
  }

  @Test
  void everyFieldIsRead() {
    ExperimentConfig config = config(FULL);
    assertThat(config.arms()).containsExactly("a", "b", "none");
    assertThat(config.controlArm()).isEqualTo(1);
    assertThat(config.shares()).containsExactly(0.225, 0.675, 0.1);
    assertThat(config.competitors()).isEqualTo(2);
    assertThat(config.caps("a")).isEmpty();
    assertThat(config.caps("b"))
        .extracting(Cap::toString)
        .containsExactly("2 PROMOTIONAL in 168 hours");
    assertThat(config.caps("none")).isEmpty();
    assertThat(config.primaryMetric().windowMillis()).isEqualTo(3 * DAY);
    assertThat(config.primaryMetric().expectedValueMicros()).isEqualTo(55_500_000);
    assertThat(config.covariateWindowMillis()).isEqualTo(14 * DAY);
    assertThat(config.design())
        .isEqualTo(
            new Design.PlannedList(
                1000,
                5,
                Design.Spending.OBRIEN_FLEMING,
                0.5,
                Instant.parse("2026-03-03T00:00:00Z")));
    assertThat(config.effectiveFrom()).isEqualTo("2026-03-02T09:00:00Z");
    assertThat(config.guardrails().get(0).mode()).isEqualTo(Guardrail.Mode.VETO);
    assertThat(config.allMetrics())
        .extracting(Metric::name)
        .containsExactly("revenue", "click", "g");
  }

  @Test
  void defaultsAreThoseOfTheReference() {
    ExperimentConfig config = config(TWO_ARMS);
    assertThat(config.alpha()).isEqualTo(0.05);
    assertThat(config.power()).isEqualTo(0.8);
    assertThat(config.design()).isEqualTo(new Design.OpenEnded());
    assertThat(config.guardrails().get(0).mode()).isEqualTo(Guardrail.Mode.VETO);
    assertThat(config.assignedBy()).isEqualTo(ExperimentConfig.AssignedBy.GATE);
    assertThat(config.onInvalid()).isEqualTo(ExperimentConfig.OnInvalid.KEEP);
    assertThat(config.sendWinner()).isTrue();
    assertThat(config.evaluateEveryMillis()).isEqualTo(DAY / 24);
    assertThat(config.endMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void parserAndSchemaKnowTheSameFields() throws Exception {
    JsonNode schema = JSON.readTree(FOLDER.resolve("schemas/experiment.schema.json").toFile());
    Map<String, JsonNode> objects = new TreeMap<>();
    objects.put("", schema);
    objects.put("variants[0].", schema.at("/properties/variants/items"));
    objects.put("variants[1].caps[0].", schema.at("/definitions/cap"));
    objects.put("holdout.", schema.at("/properties/holdout/anyOf/1"));
    objects.put("audience.", schema.at("/properties/audience"));
    objects.put("primary_metric.", schema.at("/definitions/metric"));
    objects.put("metrics[0].", schema.at("/definitions/metric"));
    objects.put("guardrails[0].", schema.at("/properties/guardrails/items"));
    objects.put("covariate.", schema.at("/properties/covariate"));
    objects.put("design.", schema.at("/properties/design/anyOf/2"));
    objects.put("design.remainder.", schema.at("/properties/design/anyOf/2/properties/remainder"));
    String spoilt =
        FULL.replaceAll("\\{", "{zzz: 1, ")
            .replaceAll("(?m)^( *)(type: (re|pl).*)$", "$1zzz: 1\n$1$2");
    List<ConfigError> errors = errorsOf("zzz: 1\n" + spoilt);
    objects.forEach(
        (place, object) -> {
          ConfigError error =
              errors.stream()
                  .filter(e -> e.field().equals(place + "zzz"))
                  .findFirst()
                  .orElseThrow();
          TreeSet<String> inSchema = new TreeSet<>();
          object.get("properties").fieldNames().forEachRemaining(inSchema::add);
          assertThat(new TreeSet<>(List.of(error.allowed().split(", ", -1))))
              .as(place)
              .isEqualTo(inSchema);
        });
  }

  /**
   * Spoils one line of the full file at a time: the parser names the line, and the schema agrees.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "id: full -> id: Full Name",
        "owner: o -> owner: []",
        "weight: 3 -> weight: -1",
        "weight: 3 -> weight: many",
        "limit: 2 -> limit: 0",
        "limit: 2, window: 7d -> limit: 2",
        "share: 0.1 -> share: 2",
        "event: click -> event: visit",
        "window: 3d -> window: three days",
        "expected_base_rate: 0.04 -> expected_base_rate: 4",
        "type: revenue -> type: money",
        "kinds: [PURCHASE] -> kinds: [REFUND]",
        "mode: veto -> mode: ignore",
        "alpha: 0.01 -> alpha: 0.5",
        "looks: 5 -> looks: 1",
        "spending: obrien-fleming -> spending: all",
        "size: 1000 -> size: 1000.5",
        "start: 2026-03-02 -> start: soon",
        "on_winner: announce -> on_winner: celebrate",
        "on_invalid: control -> on_invalid: shrug",
        "assigned_by: sender -> assigned_by: chance",
        "send_at: \"12:00\" -> send_at: noon",
        "minimum_effect: 0.1 -> minimal_effect: 0.1",
      })
  void mistakesAreReportedWithTheirLine(String change) throws Exception {
    String[] parts = change.split(" -> ", -1);
    int at = FULL.lastIndexOf(parts[0]);
    String spoilt = FULL.substring(0, at) + parts[1] + FULL.substring(at + parts[0].length());
    int line = (int) FULL.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
    assertThat(errorsOf(spoilt)).extracting(ConfigError::line).contains(line);
    assertThat(schemaErrors(spoilt)).as("schema").isNotEmpty();
  }

  @Test
  void mistakesAcrossFieldsAreReported() {
    assertThat(errorsOf(TWO_ARMS.replace("id: offer", "id: control")))
        .singleElement()
        .asString()
        .contains("two variants are named 'control'");
    assertThat(errorsOf(TWO_ARMS + "holdout: 0.1\ncontrol: holdout\n"))
        .singleElement()
        .asString()
        .contains("guardrails[0].event", "gets no message", "click, conversion");
    assertThat(errorsOf(TWO_ARMS + "metrics:\n  - {event: click, window: 1d}\n"))
        .singleElement()
        .asString()
        .contains("two metrics are named 'click'");
    String optOuts =
        TWO_ARMS
            .replace("event: click", "event: opt-out")
            .replace("- event: opt-out", "- event: complaint");
    assertThat(errorsOf(optOuts + "covariate: {window: 7d}\n"))
        .singleElement()
        .asString()
        .contains("covariate: who has a message now says nothing");
    assertThat(errorsOf(TWO_ARMS.replaceAll("  - id: offer\n    weight: 1\n", "")))
        .singleElement()
        .asString()
        .contains("nothing to compare");
    assertThat(errorsOf(TWO_ARMS.replaceFirst("id: .*", "id: programme")))
        .singleElement()
        .asString()
        .contains("'programme' is the programme's hold-out");
    assertThat(errorsOf(TWO_ARMS + "design: planned-list\n"))
        .singleElement()
        .asString()
        .contains("needs its size");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{event: opt-out, type: count, expected_value: 1}|happens once to a recipient",
        "{event: click, type: ratio, per: reply}|only conversions have revenue",
        "{event: conversion, type: ratio}|per: required, but missing",
        "{event: conversion, type: ratio, per: opt-out}|revenue is not divided by this",
        "{event: conversion, type: revenue, per: click, expected_value: 1}|only a ratio has it",
        "{event: click, cap_value: 10}|only revenue is capped",
        "{event: conversion, type: revenue, expected_value: 1, cap_value: 0}|caps everything",
        "{event: reply, type: count}|expected_value: required, but missing",
      })
  void mistakesOfMeansAreReported(String metric, String problem) throws Exception {
    String document =
        TWO_ARMS + "metrics:\n  - " + metric.replace("{", "{name: m, window: 1d, ") + "\n";
    assertThat(errorsOf(document)).singleElement().asString().contains(problem);
    boolean onlyTheParserKnows =
        problem.startsWith("only a ratio") || problem.startsWith("only rev");
    assertThat(schemaErrors(document).isEmpty() && !onlyTheParserKnows).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "goal: non-inferior|primary_metric.margin: required, but missing",
        "margin: 0.1|primary_metric.margin: has no use",
        "goal: equal|primary_metric.goal: 'equal'",
        "goal: non-inferior, margin: 0.95|primary_metric.margin: '0.95' (allowed",
      })
  void aGoalNeedsAndHasItsMargin(String goal, String problem) throws Exception {
    String document =
        TWO_ARMS.replace("primary_metric:", "primary_metric:\n  " + goal.replace(", ", "\n  "));
    assertThat(errorsOf(document)).first().asString().contains(problem);
    assertThat(schemaErrors(document)).isNotEmpty();
  }

  @Test
  void aGoalIsThePrimaryMetricsAndExcludesOtherEnds() throws Exception {
    String goal = "{name: m, event: reply, window: 1d, goal: better}";
    String secondary = TWO_ARMS + "metrics: [" + goal + "]\n";
    assertThat(errorsOf(secondary)).first().asString().contains("this metric does not decide");
    assertThat(schemaErrors(secondary)).isNotEmpty();
    String noWorse =
        TWO_ARMS.replace("primary_metric:", "primary_metric:\n  goal: non-inferior\n  margin: 0.1");
    assertThat(config(noWorse).nonInferiorityMargin()).isEqualTo(0.1);
    assertThat(schemaErrors(noWorse)).isEmpty();
    // Farrington and Manning at one-sided 2.5 %: (1.96 + 0.84)² · 2 · 0.09 / 0.01² an arm.
    assertThat(config(noWorse).fixedSize()).isBetween(28_000.0, 28_500.0);
    assertThat(errorsOf(noWorse + "equivalence_margin: 0.1\n"))
        .first()
        .asString()
        .contains("equivalence_margin: a test of non-inferiority ends by its margin");
    assertThat(errorsOf(noWorse + "design: bandit\n"))
        .first()
        .asString()
        .contains("design: a bandit seeks the best variant");
    String often = noWorse.replace("base_rate: 0.1", "base_rate: 0.95");
    assertThat(config(often).nonInferiorityMargin()).as("no rate is lifted").isEqualTo(0.1);
  }

  @Test
  void aRateWithACovariateIsAMeanOfOnesAndZeros() {
    Metric metric = config(TWO_ARMS + "covariate: {window: 7d}\n").primaryMetric();
    assertThat(metric.isMean()).isTrue();
    assertThat(metric.expectedMean()).isEqualTo(100_000);
    assertThat(metric.expectedDeviation()).isCloseTo(300_000, offset(1e-6));
    assertThat(config(TWO_ARMS).primaryMetric().isMean()).isFalse();
  }

  @Test
  void aRatioDoesNotDecide() {
    assertThat(
            errorsOf(
                TWO_ARMS.replace("event: click", "event: conversion\n  type: ratio\n  per: click")))
        .singleElement()
        .asString()
        .contains("a ratio is reported and does not decide");
  }

  @Test
  void weightsMayChangeAndRulesMayNot() throws Exception {
    String weights =
        TWO_ARMS.replaceFirst("weight: 1", "weight: 9").replace("owner: o", "owner: p");
    String rules = TWO_ARMS.replace("minimum_effect: 0.2", "minimum_effect: 0.1");
    Instant after = Instant.ofEpochMilli(START + DAY);
    Instant before = Instant.ofEpochMilli(START - DAY);
    var published = version(TWO_ARMS, "h", START);
    assertThat(ExperimentReader.KIND.refusals(published, weights, after)).isEmpty();
    assertThat(ExperimentReader.KIND.refusals(published, rules, before)).isEmpty();
    assertThat(ExperimentReader.KIND.refusals(published, rules, after))
        .singleElement()
        .asString()
        .startsWith("minimum_effect: may not change");
    String caps = TWO_ARMS.replaceFirst("weight: 1", "weight: 1\n    caps: [{limit: 1, per: day}]");
    assertThat(ExperimentReader.KIND.refusals(published, caps, after))
        .singleElement()
        .asString()
        .startsWith("caps: may not change");
  }

  @Test
  void versionsBecomeEpochs() throws Exception {
    String weights = TWO_ARMS.replaceFirst("weight: 1", "weight: 9");
    String rules = TWO_ARMS.replace("0.2", "0.1");
    ExperimentPlans plans = new ExperimentPlans(0, DAY);
    plans.add(version(TWO_ARMS, "h1", START - DAY));
    plans.add(version(TWO_ARMS.replace("owner: o", "owner: p"), "h2", START + 3 * DAY));
    plans.add(version(rules, "h3", START + 2 * DAY));
    ExperimentPlan plan = plans.add(version(weights, "h4", START + DAY));
    assertThat(plan.epochs())
        .containsExactly(
            ExperimentPlan.Epoch.of(0, START, 0.5, 0.5),
            ExperimentPlan.Epoch.of(1, START + DAY, 0.9, 0.1),
            ExperimentPlan.Epoch.of(2, START + 3 * DAY, 0.5, 0.5));
    assertThat(plan.epochAt(START + DAY - 1).number()).isZero();
    assertThat(plan.epochAt(START + DAY).number()).isOne();
    assertThat(plan.heldAt(START + 2 * DAY).configHash()).isEqualTo("h4");
    assertThat(plan.refused()).singleElement().asString().contains("h3", "minimum_effect");
  }

  @Test
  void unknownFieldsAreReportedWithASuggestion() {
    assertThatThrownBy(() -> ExperimentReader.parse("f.yaml", TWO_ARMS + "gaurdrails: []\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("f.yaml:18: gaurdrails: unknown field, did you mean 'guardrails'?");
  }

  private static List<ConfigError> errorsOf(String document) {
    try {
      ExperimentReader.parse("test.yaml", document);
      return List.of();
    } catch (ConfigException e) {
      return e.errors();
    }
  }

  private static List<String> schemaErrors(String document) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
            .getSchema(JSON.readTree(FOLDER.resolve("schemas/experiment.schema.json").toFile()));
    Object value = new Load(LoadSettings.builder().build()).loadFromString(document);
    return schema.validate(JSON.valueToTree(value)).stream().map(Object::toString).toList();
  }
}
