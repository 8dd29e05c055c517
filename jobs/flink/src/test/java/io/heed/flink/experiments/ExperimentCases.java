package io.heed.flink.experiments;

import static io.heed.flink.experiments.TestingTraffic.DAY;
import static io.heed.flink.experiments.TestingTraffic.HOUR;
import static io.heed.flink.experiments.TestingTraffic.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.flink.FieldCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Field cases that the job {@code experiments} answers. A situation is a list of epochs, a day
 * each: the arms' weights, how many recipients each arm got, how many of them clicked, and in
 * {@code purchases} what single recipients bought, in micros.
 */
public final class ExperimentCases {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CLICK = "event: click\n";
  private static final String REVENUE =
      "name: money\n  event: conversion\n  type: revenue\n  expected_value: 20\n";

  /** What situations are called in words. */
  private static final Map<String, String> SITUATIONS =
      Map.of(
          "95/5 split, no effect, 4,001 units",
          "[{\"weights\":[95,5],\"recipients\":[3801,200],\"clicks\":[380,20]}]",
          "one arm empty (1,001 : 0)",
          "[{\"weights\":[1,1],\"recipients\":[1001,0],\"clicks\":[100,0]}]",
          "weights 9:1 then 1:1, click rate 20 % then 5 %, no effect",
          "[{\"weights\":[9,1],\"recipients\":[1800,200],\"clicks\":[360,40]},"
              + "{\"weights\":[1,1],\"recipients\":[1000,1000],\"clicks\":[50,50]}]",
          "one purchase of a million dollars",
          "[{\"weights\":[1,1],\"recipients\":[500,500],\"clicks\":[0,0],"
              + "\"purchases\":[[20000000,20000000],[20000000,1000000000000]]}]",
          "xempty: treat 0 recipients",
          "[{\"weights\":[1,1],\"recipients\":[5,0],\"clicks\":[1,0]}]");

  private ExperimentCases() {}

  /** The checks by kind of case. */
  public static Map<String, FieldCheck> checks() {
    FieldCheck check = ExperimentCases::check;
    return Map.of("experiment", check, "figures of an arm without a recipient", check);
  }

  private static void check(JsonNode input, String expected) throws Exception {
    JsonNode epochs = input.isTextual() ? JSON.readTree(SITUATIONS.get(input.asText())) : input;
    boolean revenue = epochs.findValue("purchases") != null;
    List<ConfigVersion> versions = new ArrayList<>();
    for (int epoch = 0; epoch < epochs.size(); epoch++) {
      versions.add(version(epoch, epochs.get(epoch).path("weights"), revenue));
    }
    try (TestingPipeline pipeline = new TestingPipeline(() -> versions)) {
      for (int epoch = 0; epoch < epochs.size(); epoch++) {
        play(pipeline, epoch, epochs.get(epoch));
      }
      for (long hour = 0; hour <= 24L * (epochs.size() + 2); hour += 6) {
        pipeline.watermark(START + hour * HOUR);
      }
      List<ExperimentDecision> decisions = pipeline.published(ExperimentDecision.class);
      List<ExperimentResultRow> rows = pipeline.published(ExperimentResultRow.class);
      assertThat(decisions).isNotEmpty();
      judge(decisions.get(decisions.size() - 1), rows, epochs, expected);
    }
  }

  private static ConfigVersion version(int epoch, JsonNode weights, boolean revenue) {
    ConfigVersion even = TestingTraffic.experiment("x", "");
    String document = revenue ? even.document().replace(CLICK, REVENUE) : even.document();
    for (JsonNode weight : weights) {
      document = document.replaceFirst("weight: 1\n", "weight: " + weight + " \n");
    }
    long from = START + epoch * DAY;
    return new ConfigVersion("experiment", "x", "h" + epoch, from, from, document);
  }

  private static void play(TestingPipeline pipeline, int epoch, JsonNode counts) throws Exception {
    int event = 0;
    for (int arm = 0; arm < 2; arm++) {
      int recipients = counts.path("recipients").get(arm).asInt();
      int clicks = counts.path("clicks").get(arm).asInt();
      JsonNode purchases = counts.path("purchases").path(arm);
      for (int i = 0; i < recipients; i++) {
        String recipient = epoch + "-" + arm + "-" + i;
        long at = START + epoch * DAY + (long) (20.0 * HOUR * i / recipients);
        pipeline.event(TestingTraffic.send(recipient, at, "x", arm == 0 ? "a" : "b"));
        if (i < clicks) {
          pipeline.event(
              new Click("c" + event++, at + HOUR, recipient, null, null, null, null, null));
        }
        if (i < purchases.size()) {
          String order = "o-" + recipient;
          pipeline.event(
              new Conversion(
                  order,
                  at + HOUR,
                  recipient,
                  order,
                  ConversionKind.PURCHASE,
                  purchases.get(i).asLong(),
                  null));
        }
      }
    }
  }

  private static void judge(
      ExperimentDecision decision,
      List<ExperimentResultRow> rows,
      JsonNode epochs,
      String expected) {
    if (expected.equals("INVALID")) {
      assertThat(decision.state()).isEqualTo(ExperimentState.INVALID);
    } else if (expected.startsWith("no SRM alarm")) {
      assertThat(decision.state()).isNotEqualTo(ExperimentState.INVALID);
      assertThat(decision.sampleRatioPValue()).isGreaterThan(0.001);
    } else if (expected.startsWith("no winner")) {
      assertThat(decision.state()).isNotIn(ExperimentState.WINNER, ExperimentState.INVALID);
    } else {
      assertThat(expected).isEqualTo("no effect, p 1 or null");
      assertThat(epochs.get(0).path("recipients").get(1).asInt()).isZero();
      assertThat(decision.variants().get(1).effect()).isNull();
      assertThat(decision.variants().get(1).pValue()).isIn(null, 1.0);
    }
    assertThat(decision.variants())
        .allSatisfy(variant -> assertFinite(variant.effect(), variant.pValue(), variant.mean()));
    assertThat(rows).allSatisfy(row -> assertFinite(row.effect(), row.pValue(), row.mean()));
  }

  private static void assertFinite(Double... figures) {
    for (Double figure : figures) {
      assertThat(figure == null || Double.isFinite(figure)).as("%s", figure).isTrue();
    }
  }
}
