package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.attribution.Days;
import io.heed.core.model.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * PathData (R package ChannelAttribution) through the whole graph: every row unfolds to its
 * journeys, a recipient each, touch i at i seconds. Those that end in nothing lie so much earlier
 * that their look-back has passed when the conversions' day closes.
 */
class PathDataIT {
  private static final long CONVERTING = Happenings.START;
  private static final long NOT_CONVERTING = CONVERTING - 31 * Days.MILLIS;

  private static final List<Journeys> ROWS = new ArrayList<>();
  private static JsonNode expected;
  private static Written written;
  private static long totalMicros;
  private static final Map<String, Journeys> BY_CONVERSION = new HashMap<>();

  private record Journeys(List<String> path, int conversions, BigDecimal value, int nulls) {}

  @BeforeAll
  static void play() throws Exception {
    Path folder = folder();
    read(folder.resolve("PathData.csv.gz"));
    expected = JsonMapper.builder().build().readTree(folder.resolve("expected.json").toFile());
    List<Event> events = new ArrayList<>();
    for (int row = 0; row < ROWS.size(); row++) {
      unfold("r" + row, ROWS.get(row), events);
    }
    events.sort(Comparator.comparingLong(Event::eventTime));
    written = AttributionTopologyIT.run(events, 2);
  }

  @Test
  void firstLastAndLinearEqualThePublishedFigures() {
    for (String model : List.of("first", "last", "linear")) {
      String name = model.equals("linear") ? model : model + "_touch";
      Map<String, BigDecimal> credit = new TreeMap<>();
      Map<String, Long> micros = new TreeMap<>();
      for (JsonNode row : written.credits(name)) {
        String channel = row.get("channel").asText();
        credit.merge(channel, row.get("credit").decimalValue(), BigDecimal::add);
        micros.merge(channel, row.get("revenue_micros").asLong(), Long::sum);
      }
      assertThat(credit).hasSize(12);
      credit.forEach(
          (channel, sum) -> {
            JsonNode figures = expected.get("heuristics").get(channel);
            assertThat(sum.doubleValue())
                .as("%s of %s", model, channel)
                .isCloseTo(figures.get(model + "_conversions").asDouble(), within(1e-6));
            // Each conversion's amount is rounded to micros, and so is each share of it.
            assertThat(micros.get(channel) / 1e6)
                .as("%s revenue of %s", model, channel)
                .isCloseTo(
                    figures.get(model + "_value").asDouble(),
                    within(1e-6 * expected.get("total_conversions").asDouble()));
          });
      assertThat(micros.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(totalMicros);
      assertThat(totalMicros / 1e6)
          .isCloseTo(
              expected.get("total_conversion_value").asDouble(), within(1e-6 * ROWS.size() / 2));
    }
  }

  @Test
  void markovEqualsTheChainSolvedOnItsOwn() {
    Map<String, Double> effects = removalEffects();
    Map<String, Map<String, BigDecimal>> byConversion = new HashMap<>();
    for (JsonNode row : written.credits("markov")) {
      byConversion
          .computeIfAbsent(row.get("conversion_id").asText(), id -> new TreeMap<>())
          .merge(row.get("channel").asText(), row.get("credit").decimalValue(), BigDecimal::add);
    }
    assertThat(byConversion).hasSize(expected.get("total_conversions").asInt());
    byConversion.forEach(
        (conversion, credits) -> {
          LinkedHashSet<String> channels =
              new LinkedHashSet<>(BY_CONVERSION.get(conversion).path());
          double sum = channels.stream().mapToDouble(effects::get).sum();
          for (String channel : channels) {
            assertThat(credits.get(channel).doubleValue())
                .isCloseTo(effects.get(channel) / sum, within(1e-9));
          }
        });
  }

  private static void unfold(String row, Journeys journeys, List<Event> events) {
    long total =
        journeys.value().movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
    totalMicros += total;
    long given = 0;
    for (int i = 0; i < journeys.conversions(); i++) {
      String recipient = row + "-" + i;
      touches(recipient, CONVERTING, journeys, events);
      long upTo = total * (i + 1) / journeys.conversions();
      long at = CONVERTING + journeys.path().size() * 1_000L;
      events.add(Happenings.purchase(at, recipient, recipient, upTo - given));
      given = upTo;
      BY_CONVERSION.put(recipient, journeys);
    }
    for (int i = 0; i < journeys.nulls(); i++) {
      touches(row + "-null-" + i, NOT_CONVERTING, journeys, events);
    }
  }

  private static void touches(String recipient, long from, Journeys journeys, List<Event> events) {
    for (int i = 0; i < journeys.path().size(); i++) {
      String channel = journeys.path().get(i);
      events.add(Happenings.touch(from + i * 1_000L, recipient, channel, recipient + "/" + i));
    }
  }

  /** Each effect by solving the chain without the channel, from the counts of the file. */
  private static Map<String, Double> removalEffects() {
    List<String> states = new ArrayList<>(List.of("(start)"));
    expected.get("channels").forEach(channel -> states.add(channel.asText()));
    int n = states.size();
    double[][] counts = new double[n][n];
    double[] converted = new double[n];
    double[] totals = new double[n];
    for (Journeys row : ROWS) {
      int all = row.conversions() + row.nulls();
      int at = 0;
      for (String channel : row.path()) {
        int to = states.indexOf(channel);
        counts[at][to] += all;
        totals[at] += all;
        at = to;
      }
      converted[at] += row.conversions();
      totals[at] += all;
    }
    double whole = chance(counts, converted, totals, -1);
    Map<String, Double> effects = new HashMap<>();
    for (int k = 1; k < n; k++) {
      effects.put(states.get(k), 1 - chance(counts, converted, totals, k) / whole);
    }
    return effects;
  }

  private static double chance(
      double[][] counts, double[] converted, double[] totals, int removed) {
    int n = totals.length;
    RealMatrix system = new Array2DRowRealMatrix(n, n);
    double[] right = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double step = j == removed ? 0 : counts[i][j] / totals[i];
        system.setEntry(i, j, (i == j ? 1 : 0) - step);
      }
      right[i] = converted[i] / totals[i];
    }
    return new QRDecomposition(system).getSolver().solve(new ArrayRealVector(right)).getEntry(0);
  }

  private static void read(Path file) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      reader
          .lines()
          .skip(1)
          .map(line -> line.replace("\"", "").split(",", -1))
          .forEach(
              cells ->
                  ROWS.add(
                      new Journeys(
                          List.of(cells[0].split(" > ", -1)),
                          Integer.parseInt(cells[1]),
                          new BigDecimal(cells[2]),
                          Integer.parseInt(cells[3]))));
    }
  }

  private static Path folder() {
    String configured = System.getenv("HEED_DATASETS");
    if (configured != null) {
      return Path.of(configured, "path_data");
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path candidate = at.resolve("shared/datasets/path_data");
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return abort("Skipped: no data set path_data; set HEED_DATASETS to the folder of data sets");
  }
}
