package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.core.rules.Datasets;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.core.statistics.SampleRatioTest;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

/** Public experiments, event by event through recipients and evaluations. */
class ExperimentDatasetsTest {
  private static final long DAY = TestingExperiments.DAY;
  private static final long HOUR = TestingExperiments.HOUR;
  private static final long START = TestingExperiments.START;

  /** Of Hillstrom's file, and the counts of its expected.json. */
  @Test
  void hillstrom() throws IOException {
    Engine engine = new Engine(example("hillstrom", "2008-03-20"));
    SplittableRandom random = new SplittableRandom(1);
    Map<String, String> arms =
        Map.of("No E-Mail", "none", "Mens E-Mail", "mens", "Womens E-Mail", "womens");
    forEachRow(
        "hillstrom/hillstrom.csv.gz",
        (row, number) -> {
          String recipient = "h" + number;
          long at = START + random.nextLong(DAY);
          long visited = at + 1 + random.nextLong(12 * DAY);
          engine.event(
              new Assignment(
                  "a" + number, at, recipient, "hillstrom", arms.get(row.get("treatment")), null));
          if (row.get("visit").equals("1")) {
            engine.event(new Click("c" + number, visited, recipient, null, null, null, null, null));
          }
          if (row.get("conversion").equals("1")) {
            long micros = new BigDecimal(row.get("spend")).movePointRight(6).longValueExact();
            engine.event(
                new Conversion(
                    "v" + number,
                    visited + HOUR,
                    recipient,
                    "o" + number,
                    ConversionKind.PURCHASE,
                    micros,
                    null));
          }
        });
    engine.finish(START + 16 * DAY);
    assertThat(engine.counts("conversion"))
        .isEqualTo("{mens=21307/267, none=21306/122, womens=21387/189}");
    assertThat(engine.counts("visit"))
        .isEqualTo("{mens=21307/3894, none=21306/2262, womens=21387/3238}");
    for (String arm : List.of("mens", "womens")) {
      assertThat(engine.row("visit", arm).effectLower()).isPositive();
      assertThat(engine.row("visit", arm).pValue()).isLessThan(0.001);
      assertThat(engine.row("spend", arm).effect()).isPositive();
    }
    assertThat(engine.row("spend", "mens").mean() * 21_307).isEqualTo(30_311_690_000.0);
    ExperimentDecision decision = engine.decision();
    assertThat(decision.sampleRatioPValue()).isGreaterThan(0.5);
    assertThat(decision.contaminated()).isZero();
    assertThat(decision.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(decision.winnerVariantId()).isEqualTo("mens");
  }

  /** Its split has p = 0.0086 at one look: not invalid where it may be looked at all the time. */
  @Test
  void cookieCats() throws IOException {
    Engine engine = new Engine(example("cookie-cats", "2017-01-02"));
    SplittableRandom random = new SplittableRandom(2);
    forEachRow(
        "cookie_cats/cookie_cats.csv.gz",
        (row, number) -> {
          String recipient = row.get("userid");
          long at = START + random.nextLong(7 * DAY);
          String arm = row.get("version").replace('_', '-');
          engine.event(new Assignment("a" + number, at, recipient, "cookie-cats", arm, null));
          if (row.get("retention_1").equalsIgnoreCase("true")) {
            engine.event(
                new Click("c" + number, at + DAY, recipient, null, null, null, null, null));
          }
          if (row.get("retention_7").equalsIgnoreCase("true")) {
            engine.event(
                new Conversion(
                    "v" + number,
                    at + 7 * DAY,
                    recipient,
                    "o" + number,
                    ConversionKind.LEAD,
                    0,
                    null));
          }
        });
    engine.finish(START + 16 * DAY);
    assertThat(engine.counts("week")).isEqualTo("{gate-30=44700/8502, gate-40=45489/8279}");
    assertThat(engine.counts("day")).isEqualTo("{gate-30=44700/20034, gate-40=45489/20119}");
    assertThat(engine.decision().state()).isNotEqualTo(ExperimentState.INVALID);
    assertThat(engine.decision().sampleRatioPValue()).isGreaterThan(SampleRatioTest.INVALID_BELOW);
  }

  /** The archive's authors have named the weeks in which its randomisation was faulty. */
  @Test
  void upworthySampleRatios() throws IOException {
    Map<String, List<Long>> impressions = new TreeMap<>();
    Map<String, Integer> weeks = new TreeMap<>();
    forEachRow(
        "upworthy/upworthy_packages_dev.csv.gz",
        (row, number) -> {
          String test = row.get("clickability_test_id");
          impressions
              .computeIfAbsent(test, t -> new ArrayList<>())
              .add((long) Double.parseDouble(row.get("impressions")));
          weeks.put(test, (int) Double.parseDouble(row.get("test_week")));
        });
    int[][] flagged = new int[2][3];
    impressions.forEach(
        (test, counts) -> {
          int faulty = weeks.get(test) >= 201_325 && weeks.get(test) <= 201_401 ? 1 : 0;
          List<Double> equal = Collections.nCopies(counts.size(), 1.0);
          double p = Math.exp(-SampleRatioTest.withDefaults().logE(equal, counts));
          flagged[faulty][0]++;
          flagged[faulty][1] += p < SampleRatioTest.ALERT_BELOW ? 1 : 0;
          flagged[faulty][2] += p < SampleRatioTest.INVALID_BELOW ? 1 : 0;
        });
    assertThat(flagged[1]).containsExactly(535, 340, 307);
    assertThat(flagged[0]).containsExactly(1_951, 5, 2);
  }

  /** The shipped file, as of the tests' own start. */
  private static String example(String id, String start) throws IOException {
    return Files.readString(Path.of("../../experiment-config/examples", id + ".yaml"))
        .replace(start, "2026-03-02");
  }

  private static void forEachRow(String file, BiConsumer<CSVRecord, Integer> action)
      throws IOException {
    Path path = Datasets.file(file);
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader reader =
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(path)), StandardCharsets.UTF_8)) {
      int number = 1;
      for (CSVRecord row : format.parse(reader)) {
        action.accept(row, number++);
      }
    }
  }

  /** Recipients and one experiment in memory, evaluated on its steps. */
  private static final class Engine {
    private final ExperimentPlans plans;
    private final ExperimentEvaluator evaluator;
    private final ReplyRecogniser recogniser = ReplyRecogniser.standard();
    private final Map<String, Recipient> recipients = new TreeMap<>();
    private final Map<String, ExperimentResultRow> rows = new LinkedHashMap<>();
    private final Map<Long, Map<Totals.Cell, Tally>> changes = new TreeMap<>();
    private ExperimentProgress progress = ExperimentProgress.START;
    private ExperimentDecision decision;

    Engine(String document) {
      plans = TestingExperiments.plans(document);
      evaluator = new ExperimentEvaluator(plans.get(TestingExperiments.config(document).id()));
    }

    void event(Event event) {
      Recipient before = recipients.getOrDefault(event.recipientId(), Recipient.UNKNOWN);
      recipients.put(
          event.recipientId(),
          before.with(
              event,
              plans,
              recogniser,
              Long.MIN_VALUE,
              (id, step, cell, change) ->
                  changes
                      .computeIfAbsent(step, s -> new HashMap<>())
                      .merge(cell, change, Tally::plus)));
    }

    void finish(long until) {
      SortedMap<Long, Totals> totals = new TreeMap<>();
      changes.forEach((step, cells) -> totals.put(step, Totals.of(cells)));
      progress = progress.with(totals);
      for (long step = START; step <= until; step += HOUR) {
        if (progress.maturesBy(step)) {
          boolean wasFinal = progress.status(evaluator.plan()).isFinal();
          progress = progress.evaluated(evaluator, step, step);
          if (!wasFinal) {
            decision = new ExperimentReport(evaluator, progress).decision(step, step);
          }
        }
      }
      new ExperimentReport(evaluator, progress)
          .rows(progress.open(), 1)
          .forEach(row -> rows.put(row.metric() + "|" + row.variantId(), row));
    }

    ExperimentDecision decision() {
      return decision;
    }

    ExperimentResultRow row(String metric, String variant) {
      return rows.get(metric + "|" + variant);
    }

    String counts(String metric) {
      Map<String, String> counts = new TreeMap<>();
      rows.values().stream()
          .filter(row -> row.metric().equals(metric))
          .forEach(row -> counts.put(row.variantId(), row.recipients() + "/" + row.successes()));
      return counts.toString();
    }
  }
}
