package io.heed.cli.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.cli.explain.TestingWarehouse;
import io.heed.cli.local.Endpoints;
import io.heed.preview.ClickHouse;
import io.heed.preview.Dashboards;
import io.heed.preview.PreviewServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Figures of panels and alert rules over rows that are made for them, without jobs. */
class PanelsIT {
  private static final Path GRAFANA = Path.of("../../dashboards/grafana");
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path directory;
  private static Instant today;
  private static TestingWarehouse warehouse;
  private static PreviewServer preview;

  @BeforeAll
  static void start() throws Exception {
    today = Instant.now().truncatedTo(ChronoUnit.DAYS);
    warehouse = TestingWarehouse.start(directory);
    Endpoints endpoints = warehouse.stack().endpoints();
    URI jdbc = URI.create(endpoints.clickHouseUrl().substring("jdbc:".length()));
    preview =
        PreviewServer.start(
            new Dashboards(GRAFANA.resolve("dashboards")),
            new ClickHouse(
                URI.create("http://" + jdbc.getAuthority() + "/"),
                "heed",
                endpoints.readerName(),
                Files.readString(endpoints.readerPasswordFile()).strip()),
            0);
  }

  @AfterAll
  static void stop() throws Exception {
    preview.close();
    warehouse.close();
  }

  // Rows.

  /** A decision of so many minutes ago, written at that many. */
  private static void decide(
      String topic, String key, int seq, String state, int minutes, int written, String payload)
      throws Exception {
    warehouse.execute(
        """
        INSERT INTO decision_versions (topic, decision_id, decided_at, emitted_at, key, seq, state, payload)
        SELECT '%1$s', '%2$s %3$d', now64(3) - INTERVAL %5$d MINUTE, now64(3) - INTERVAL %6$d MINUTE, '%2$s', %3$d, '%4$s', '%7$s'"""
            .formatted(topic, key, seq, state, minutes, written, payload));
  }

  /** An event of a person, so many hours before now. */
  private static void event(String type, String person, int hours, String columns, String values)
      throws Exception {
    warehouse.execute(
        """
        INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, %5$s)
        SELECT '%1$s', concat('%1$s', '%2$s', '%3$d', '%4$s'), now64(3) - INTERVAL %3$d HOUR, '%2$s', %6$s"""
            .formatted(type, person, hours, values.replaceAll("\\W", ""), columns, values));
  }

  /** Who came to a list and left it on a day, so many days before today. */
  private static void day(String list, int days, int optIns, int optOuts) throws Exception {
    warehouse.execute(
        """
        INSERT INTO list_health_versions (seq, window_start, window_seconds, list_id, opt_ins, opt_outs)
        SELECT 1, toStartOfDay(now64(3, 'UTC')) - INTERVAL %2$d DAY, 86400, '%1$s', %3$d, %4$d"""
            .formatted(list, days, optIns, optOuts));
  }

  private static void refresh(String view) throws Exception {
    warehouse.execute("SYSTEM REFRESH VIEW " + view);
    warehouse.execute("SYSTEM WAIT VIEW " + view);
  }

  // What is shown of them.

  private static JsonNode panel(String page, int id, Instant from, Instant to, String more)
      throws Exception {
    URI address =
        URI.create(
            "%sapi/dashboards/%s/panels/%d?from=%d&to=%d%s"
                .formatted(preview.url(), page, id, from.toEpochMilli(), to.toEpochMilli(), more));
    HttpResponse<String> answer =
        HTTP.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    JsonNode result = JSON.readTree(answer.body()).path(0);
    assertThat(result.path("error").asText(answer.statusCode() == 200 ? "" : answer.body()))
        .isEmpty();
    return result.path("rows");
  }

  private static JsonNode panel(String page, int id, String more) throws Exception {
    return panel(page, id, today.minus(30, ChronoUnit.DAYS), Instant.now(), more);
  }

  /** Figures of a panel's only row; null for NULL. */
  private static List<Double> figures(JsonNode rows) {
    assertThat(rows).hasSize(1);
    List<Double> figures = new ArrayList<>();
    rows.path(0).forEach(cell -> figures.add(cell.isNull() ? null : (Double) cell.asDouble()));
    return figures;
  }

  /** Value by labels of the rows that make a rule fire, or do not. */
  private static Map<String, Double> rule(String uid) throws Exception {
    Object file =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(GRAFANA.resolve("provisioning/alerting/heed.yaml")));
    Map<String, Double> values = new TreeMap<>();
    for (JsonNode rule : JSON.valueToTree(file).at("/groups/0/rules")) {
      if (rule.path("uid").asText().equals(uid)) {
        values.putAll(rows(rule.at("/data/0/model/rawSql").asText()));
      }
    }
    return values;
  }

  private static Map<String, Double> rows(String sql) throws Exception {
    Map<String, Double> values = new TreeMap<>();
    try (Statement statement = warehouse.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        List<String> labels = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          if (!rows.getMetaData().getColumnName(i).equals("value")) {
            labels.add(rows.getString(i));
          }
        }
        values.put(String.join(", ", labels), rows.getDouble("value"));
      }
    }
    return values;
  }

  // Experiments.

  private static final String TESTED =
      """
      {"config_hash":"h1","tested":{"event":"%s"},"variants":[{"variant_id":"control"},\
      {"variant_id":"nobody","effect":%s,"effect_scale":"RELATIVE"},\
      {"variant_id":"low","effect":-0.2,"effect_scale":"RELATIVE"},\
      {"variant_id":"high","effect":0.3,"effect_scale":"RELATIVE"}]}""";

  private static void define(String id, String hash, int minutes, String owner) throws Exception {
    warehouse.execute(
        """
        INSERT INTO experiment_definition_versions (seq, experiment_id, config_hash, published_at, owner, competing)
        SELECT 1, '%s', '%s', now64(3) - INTERVAL %d MINUTE, '%s', ['control', 'low', 'high']"""
            .formatted(id, hash, minutes, owner));
  }

  @Test
  void theBestVariantCanWinAndIsBetter() throws Exception {
    for (String event : List.of("click", "opt-out", "complaint")) {
      define("best-" + event, "h1", 60, "ann");
      decide(
          "sms.decision.experiment",
          "best-" + event,
          1,
          "RUNNING",
          5,
          5,
          TESTED.formatted(event, event.equals("click") ? "0.9" : "-0.9"));
    }
    Map<String, String> shown = new TreeMap<>();
    for (int i = 0; i < 2; i++) {
      for (JsonNode row : panel(i == 0 ? "heed-experiments" : "heed-growth", i == 0 ? 6 : 9, "")) {
        shown.put(row.path(0).asText() + i, row.path(3).asText());
      }
    }
    assertThat(shown)
        .containsEntry("best-click0", "high")
        .containsEntry("best-click1", "high")
        .containsEntry("best-opt-out0", "low")
        .containsEntry("best-opt-out1", "low")
        .containsEntry("best-complaint0", "low");
  }

  @Test
  void aRefusedVersionIsNotShown() throws Exception {
    define("refused", "h1", 60, "ann");
    define("refused", "h2", 30, "bob");
    assertThat(ownerOf("refused")).as("until there is a decision").isEqualTo("bob");
    decide(
        "sms.decision.experiment", "refused", 1, "RUNNING", 5, 5, TESTED.formatted("click", "0.9"));
    assertThat(ownerOf("refused")).isEqualTo("ann");
  }

  private static String ownerOf(String experiment) throws Exception {
    return panel("heed-experiment", 18, "&var-experiment=" + experiment).path(0).path(0).asText();
  }

  /** Of the arms that can win, by the metric that decides: 400 in 50 minutes, 1,400 to go. */
  @Test
  void anExperimentEndsWhenItsLimitIsFullAtItsPace() throws Exception {
    warehouse.execute(
        """
        INSERT INTO experiment_definition_versions (seq, experiment_id, config_hash, published_at, owner, primary_metric, limit_recipients, competing)
        SELECT 1, 'paced', 'h1', now64(3) - INTERVAL 200 MINUTE, 'ann', 'click', 2000, ['control', 'low']""");
    warehouse.execute(
        """
        INSERT INTO experiment_result_versions (seq, experiment_id, variant_id, metric, evaluated_at, recipients)
        SELECT 1, 'paced', arm, what, toStartOfMinute(now64(3)) - toIntervalMinute(ago), if(arm = 'other', 9, 1) * if(ago = 100, 100, 300)
        FROM (SELECT arrayJoin(['control', 'low', 'other']) AS arm, arrayJoin(['click', 'reply']) AS what, arrayJoin([100, 50]) AS ago)""");
    String payload =
        """
        {"config_hash":"h1","tested":{"event":"click"},"variants":[{"variant_id":"control","recipients":300},\
        {"variant_id":"low","recipients":300},{"variant_id":"other","recipients":2700}]}""";
    decide("sms.decision.experiment", "paced", 1, "RUNNING", 5, 5, payload);
    decide("sms.decision.experiment", "undefined", 1, "RUNNING", 5, 5, payload);
    try (Statement statement = warehouse.connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT experiment_id, recipients, dateDiff('minute', evaluated_at, ends_by), progress"
                    + " FROM experiment_list WHERE experiment_id IN ('paced', 'undefined') ORDER BY 1")) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(
            "%s %d %s %s"
                .formatted(
                    rows.getString(1), rows.getLong(2), rows.getObject(3), rows.getObject(4)));
      }
      assertThat(found).containsExactly("paced 600 175 0.3", "undefined 3300 null null");
    }
  }

  @Test
  void whatTheNewestEvaluationLeavesOpenIsOpen() throws Exception {
    for (int i = 0; i < 2; i++) {
      String found = i == 0 ? "0.2, 0.1, 0.3, 0.001" : "NULL, NULL, NULL, NULL";
      warehouse.execute(
          """
          INSERT INTO experiment_result_versions (seq, experiment_id, variant_id, metric, evaluated_at, recipients,
              effect_scale, effect, effect_lower, effect_upper, p_value)
          SELECT %1$d, 'broken', 'a', 'click', now64(3) - INTERVAL 10 - %1$d MINUTE, 100, 'RELATIVE', %2$s"""
              .formatted(i, found));
      for (String experiment : List.of("broken', 'a", "programme', '2026-h1")) {
        warehouse.execute(
            """
            INSERT INTO incremental_lift_versions (seq, experiment_id, variant_id, metric, evaluated_at, recipients,
                holdout_recipients, effect, effect_lower, effect_upper, p_value)
            SELECT %1$d, '%3$s', 'revenue', now64(3) - INTERVAL 10 - %1$d MINUTE, 100, 100, %2$s"""
                .formatted(i, found, experiment));
      }
    }
    assertThat(
            figures(
                panel(
                    "heed-experiment", 6, "&var-experiment=broken&var-metric=click&var-variant=a")))
        .containsExactly((Double) null);
    assertThat(panel("heed-attribution", 8, "").toString()).contains("no interval yet");
    assertThat(panel("heed-attribution", 13, "").toString()).contains("no interval yet");
  }

  @Test
  void anIntervalSaysWhetherItHasZeroInIt() throws Exception {
    Map<String, String> intervals =
        Map.of("more", "0.1, 0.3", "less", "-0.3, -0.1", "either", "-0.1, 0.3");
    for (Map.Entry<String, String> each : intervals.entrySet()) {
      String[] bounds = each.getValue().split(", ", -1);
      define("zero-" + each.getKey(), "h1", 60, "ann");
      decide(
          "sms.decision.experiment",
          "zero-" + each.getKey(),
          1,
          "RUNNING",
          5,
          5,
          """
          {"config_hash":"h1","tested":{"event":"click"},"variants":[{"variant_id":"control"},\
          {"variant_id":"low","effect":0.2,"effect_scale":"RELATIVE","effect_lower":%s,"effect_upper":%s}]}"""
              .formatted(bounds[0], bounds[1]));
    }
    Map<String, String> shown = new TreeMap<>();
    for (JsonNode row : panel("heed-growth", 9, "")) {
      shown.put(row.path(0).asText(), row.path(7).asText());
    }
    assertThat(shown)
        .containsEntry("zero-more", "more than control")
        .containsEntry("zero-less", "less than control")
        .containsEntry("zero-either", "not distinguishable from zero");
  }

  // Alerts.

  private static void alert(String key, String state, int minutes, int written, String evidence)
      throws Exception {
    String kind = key.substring(0, key.indexOf('|'));
    decide(
        "sms.alert",
        key,
        state.equals("FIRING") ? 1 : 2,
        state,
        minutes,
        written,
        "{\"kind\":\"%s\",\"subject\":\"%s\",\"evidence\":{%s}}"
            .formatted(kind, key.split("\\|", -1)[1], evidence));
  }

  @Test
  void breachesThatAreFoundLateFire() throws Exception {
    String campaign = "\"campaign_id\":\"c%d\"";
    alert("sent_after_suppression|1", "FIRING", 0, 0, campaign.formatted(1));
    alert("sent_after_suppression|2", "FIRING", 300, 10, campaign.formatted(2));
    alert("sent_after_suppression|3", "FIRING", 300, 290, campaign.formatted(3));
    alert("sent_after_suppression|4", "FIRING", 3_000, 10, campaign.formatted(4));
    assertThat(rule("heed-sent-after-opt-out")).containsOnlyKeys("c1", "c2");
  }

  @Test
  void whatLastsFiresUntilItIsResolved() throws Exception {
    alert("silent_input|click", "FIRING", 5_000, 5_000, "\"topic\":\"click\"");
    alert("silent_input|reply", "FIRING", 5_000, 5_000, "\"topic\":\"reply\"");
    alert("silent_input|reply", "RESOLVED", 4_000, 4_000, "\"topic\":\"reply\"");
    assertThat(rule("heed-silent-input")).containsOnlyKeys("topic sms.click");

    alert("experiment_arm_missing|goes-on", "FIRING", 5_000, 5_000, "");
    alert("experiment_arm_missing|ended", "FIRING", 5_000, 5_000, "");
    decide("sms.decision.experiment", "ended", 1, "EXPIRED", 100, 100, "{}");
    assertThat(rule("heed-experiment-arm-missing")).containsOnlyKeys("experiment goes-on");

    alert("bad_config|old", "FIRING", 5_000, 5_000, "");
    alert("bad_config|new", "FIRING", 50, 50, "");
    assertThat(rule("heed-bad-config")).containsOnlyKeys("new");

    alert("experiment_config|old|h", "FIRING", 50_000, 5_000, "");
    alert("experiment_config|held-long|h", "FIRING", 50_000, 5, "");
    alert("experiment_config|tomorrow|h", "FIRING", -1_000, 5, "");
    assertThat(rule("heed-experiment-config"))
        .containsOnlyKeys("experiment held-long", "experiment tomorrow");
  }

  @Test
  void aJobThatIsDownHasNoCheckpointAndNoResults() throws Exception {
    for (int i = 0; i < 2; i++) {
      warehouse.execute(
          """
          INSERT INTO pipeline_metric_versions (job, metric, time, value)
          SELECT '%s', 'checkpoint_age_ms', now64(3) - INTERVAL %d MINUTE, 5000"""
              .formatted(i == 0 ? "runs" : "down", 30 * i));
    }
    for (String uid : List.of("heed-checkpoints", "heed-stale-results")) {
      Map<String, Double> ages = rule(uid);
      assertThat(ages).as(uid).containsOnlyKeys("runs", "down");
      assertThat(ages.get("runs")).as(uid).isLessThan(120);
      assertThat(ages.get("down")).as(uid).isCloseTo(1_800, within(120.0));
    }
  }

  @Test
  void aFutileTestHasShownNoEquality() throws Exception {
    warehouse.execute(
        """
        INSERT INTO decision_versions (topic, decision_id, decided_at, emitted_at, key, seq, state, reasons)
        SELECT 'sms.decision.experiment', 'f', now64(3), now64(3), 'futile', 1, 'NO_DIFFERENCE', ['FUTILE']""");
    assertThat(rule("heed-decision-ready")).containsKey("futile, no effect of the planned size");
    decide(
        "sms.alert",
        "experiment_decided|futile",
        1,
        "FIRING",
        1,
        1,
        "{\"kind\":\"experiment_decided\",\"reasons\":[\"FUTILE\"],\"evidence\":{\"state\":\"NO_DIFFERENCE\"}}");
    assertThat(panel("heed-growth", 10, "").toString())
        .contains("It ended: no effect of the planned size");
  }

  // People.

  @Test
  void becameHotIsNotSetAgain() throws Exception {
    String topic = "sms.decision.recipient-signal";
    decide(topic, "renewed|HOT", 1, "SET", 4_000, 0, "{}");
    decide(topic, "renewed|HOT", 2, "SET", 60, 0, "{}");
    decide(topic, "new|HOT", 1, "SET", 120, 0, "{}");
    decide(topic, "new|HOT", 2, "SET", 60, 0, "{}");
    decide(topic, "again|HOT", 1, "SET", 4_000, 0, "{}");
    decide(topic, "again|HOT", 2, "CLEARED", 3_000, 0, "{}");
    decide(topic, "again|HOT", 3, "SET", 60, 0, "{}");
    Instant now = Instant.now();
    Instant yesterday = now.minus(1, ChronoUnit.DAYS);
    assertThat(figures(panel("heed-sales", 2, yesterday, now, ""))).startsWith(2.0);
    double people = 0;
    for (JsonNode row : panel("heed-sales", 5, yesterday, now, "")) {
      people += row.path(1).asDouble();
    }
    assertThat(people).isEqualTo(2);
  }

  @Test
  void churnIsOfTheRangeAndOfAsManyDaysBefore() throws Exception {
    warehouse.execute(
        """
        INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, scope)
        SELECT 'opt-in', concat('in', toString(number)), now64(3) - INTERVAL 400 HOUR, concat('in', toString(number)), 'deals'
        FROM numbers(100)""");
    refresh("subscription");
    day("deals", 12, 0, 4);
    day("deals", 11, 0, 3);
    day("deals", 10, 0, 5);
    day("deals", 9, 0, 5);
    day("deals", 2, 50, 10);
    Instant from = today.minus(10, ChronoUnit.DAYS).plus(23, ChronoUnit.HOURS);
    Instant to = from.plus(1, ChronoUnit.DAYS);
    // 60 people were there at the end of the range, 70 at its begin.
    assertThat(figures(panel("heed-subscribers", 3, from, to, "&var-list=deals")))
        .containsExactly(10 / 70.0, 7 / 77.0);
    assertThat(figures(panel("heed-subscribers", 4, from, to, "&var-list=deals")))
        .containsExactly(10.0, 7.0);
  }

  @Test
  void aSeriesIsOfThoseWhoBeganIt() throws Exception {
    day("series", 1, 1, 0);
    step("early", 1, 600);
    step("early", 2, 240);
    step("leaves", 1, 300);
    step("leaves", 2, 280);
    event("opt-out", "leaves", 278, "scope", "'series'");
    step("elsewhere", 1, 300);
    event("opt-out", "elsewhere", 299, "scope", "'another'");
    step("replies", 1, 300);
    event("reply", "replies", 299, "method, scope", "'KEYWORD', ''");
    step("young", 1, 2);
    event("opt-out", "young", 1, "scope", "'*'");
    Instant now = Instant.now();
    JsonNode rows =
        panel("heed-subscribers", 11, now.minus(20, ChronoUnit.DAYS), now, "&var-list=series");
    assertThat(rows).hasSize(2);
    // People, share, drop-off, opted out, rate.
    List<List<Double>> found = new ArrayList<>();
    for (JsonNode row : rows) {
      List<Double> figures = new ArrayList<>();
      for (int i : List.of(3, 4, 6, 7)) {
        figures.add(row.path(i).asDouble());
      }
      found.add(figures);
    }
    assertThat(found)
        .containsExactly(List.of(4.0, 1.0, 1.0, 1 / 3.0), List.of(1.0, 0.25, 1.0, 1.0));
  }

  private static void step(String person, int step, int hours) throws Exception {
    event(
        "send",
        person,
        hours,
        "list_id, message_id, tags",
        "'series', '%s%d', ['welcome:%d']".formatted(person, step, step));
  }

  // Sends.

  private static void cohort(String list, int hours, int sends, int delivered, int optOuts)
      throws Exception {
    warehouse.execute(
        """
        INSERT INTO send_cohort_versions (seq, cohort_hour, list_id, campaign_id, sends, delivered, opt_outs)
        SELECT 1, toStartOfHour(now64(3, 'UTC')) - INTERVAL %2$d HOUR, '%1$s', 'c', %3$d, %4$d, %5$d"""
            .formatted(list, hours, sends, delivered, optOuts));
  }

  @Test
  void whatIsStillOpenIsApartAndInNoHeadline() throws Exception {
    day("rates", 1, 1, 0);
    cohort("rates", 100, 1_000, 930, 20);
    cohort("rates", 2, 500, 100, 50);
    String chosen = "&var-list=rates&var-campaign=c";
    assertThat(figures(panel("heed-list-health", 2, chosen))).containsExactly(0.93, null);
    assertThat(figures(panel("heed-list-health", 3, chosen))).containsExactly(0.02, null);
    Map<String, Double> rates = new TreeMap<>();
    for (JsonNode row : panel("heed-list-health", 7, chosen)) {
      rates.put(row.path(1).asText(), row.path(2).asDouble());
    }
    assertThat(rates).isEqualTo(Map.of("rates", 0.02, "rates, still open", 0.1));
  }

  /** 200 messages and 3 opt-outs on the newest day, 6 % on the worst. */
  @Test
  void thresholdsAreSoManyOptOutsAway() throws Exception {
    day("near", 1, 1, 0);
    cohort("near", 30, 200, 200, 3);
    cohort("near", 100, 1_000, 1_000, 60);
    cohort("near", 200, 50, 50, 50);
    JsonNode rows = panel("heed-subscribers", 6, "&var-list=near");
    assertThat(rows).hasSize(1);
    List<Double> found = new ArrayList<>();
    for (int i = 2; i < 9; i++) {
      found.add(rows.path(0).path(i).asDouble());
    }
    assertThat(found).containsExactly(200.0, 3.0, 0.015, 1.0, 7.0, 17.0, 0.06);
  }

  @Test
  void promotionalIsAShareOfEachListsMessages() throws Exception {
    for (String list : List.of("offers", "news")) {
      day(list, 1, 1, 0);
    }
    warehouse.execute(
        """
        INSERT INTO send_profile_versions (computed_at, day, list_id, dimension, part, sends)
        SELECT toDateTime64('2020-01-01 00:00:00', 3, 'UTC'), today() - 5, row.1, row.2, row.3, row.4
        FROM (SELECT arrayJoin([('offers', 'category', 'PROMOTIONAL', 30), ('offers', 'category', 'TRANSACTIONAL', 10),
            ('offers', 'channel', 'SMS', 40), ('news', 'category', 'PROMOTIONAL', 1), ('news', 'category', 'INFORMATIONAL', 3)]) AS row)""");
    Map<String, Double> shares = new TreeMap<>();
    for (JsonNode row : panel("heed-subscribers", 7, "&var-list=offers&var-list=news")) {
      shares.put(row.path(0).asText(), row.path(1).asDouble());
    }
    assertThat(shares).isEqualTo(Map.of("offers", 0.75, "news", 0.25));
  }

  /** An opt-out of so many hours ago, when Kafka took it, and how long after that it was obeyed. */
  private static void obeyed(String person, int hours, int takenSeconds, int delayMillis)
      throws Exception {
    Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(hours, ChronoUnit.HOURS);
    Instant taken = at.plusSeconds(takenSeconds);
    warehouse.execute(
        """
        INSERT INTO events_versions (event_type, event_id, event_time, appended_at, recipient_id, scope)
        SELECT 'opt-out', 'obeyed %1$s', fromUnixTimestamp64Milli(%2$d, 'UTC'), fromUnixTimestamp64Milli(%3$d, 'UTC'), '%1$s', 'obeyed'"""
            .formatted(person, at.toEpochMilli(), taken.toEpochMilli()));
    warehouse.execute(
        """
        INSERT INTO decision_versions (topic, decision_id, decided_at, emitted_at, key, seq, state, payload)
        SELECT 'sms.decision.suppression', 'obeyed %1$s', fromUnixTimestamp64Milli(%2$d, 'UTC'), fromUnixTimestamp64Milli(%3$d, 'UTC'),
            '%1$s', 1, 'SUPPRESSED', '{"recipient_id":"%1$s"}'"""
            .formatted(person, at.toEpochMilli(), taken.plusMillis(delayMillis).toEpochMilli()));
  }

  @Test
  void historyInBulkSaysNothingAboutTheTimeToSuppress() throws Exception {
    obeyed("live", 3, 1, 2_000);
    obeyed("bulk", 240, 239 * 3_600, 9_000);
    assertThat(figures(panel("heed-sending-decisions", 5, ""))).containsExactly(2_000.0);
  }

  // Money.

  /** By the views that customer_value is said to follow. */
  private static final String CUSTOMER_VALUE =
      """
      SELECT concat(toString(cohort_month), channel, toString(months_since), ' ', toString(customers)) AS of,
          toFloat64(revenue_micros) AS value
      FROM (
          SELECT cohort_month, channel, months_since, sum(lifetime_value.revenue_micros) AS revenue_micros
          FROM lifetime_value
          GROUP BY cohort_month, channel, months_since
      ) AS months
      INNER JOIN (
          SELECT cohort_month, channel, count() AS customers
          FROM customer_origin
          GROUP BY cohort_month, channel
      ) AS cohorts USING (cohort_month, channel)""";

  @Test
  void customersBringWhatTheirLifetimeSays() throws Exception {
    warehouse.execute(
        """
        INSERT INTO attribution_credit_versions (seq, model, conversion_id, kind, recipient_id, channel, campaign_id,
            touch_time, conversion_time, credit, revenue_micros)
        SELECT 1, ['first_touch', 'linear'][1 + number % 2], concat('c', toString(number)),
            ['LEAD', 'PURCHASE', 'PURCHASE', 'REFUND'][1 + intDiv(number, 2) % 4] AS kind, concat('r', toString(number % 301)),
            ['sms', 'email', 'none'][1 + intDiv(number, 8) % 3], concat('c', toString(number % 5)),
            if(number % 7 = 0, NULL, toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + INTERVAL number HOUR),
            toDateTime64('2026-02-01 00:00:00', 3, 'UTC') + INTERVAL 3 * number HOUR, 1,
            multiIf(kind = 'LEAD', 0, kind = 'REFUND', -5000000, 1000000 * (number % 50))
        FROM numbers(2000)""");
    refresh("customer_value");
    Map<String, Double> shown =
        rows(
            "SELECT concat(toString(cohort_month), channel, toString(months_since), ' ',"
                + " toString(customers)) AS of, toFloat64(revenue_micros) AS value"
                + " FROM customer_value");
    assertThat(shown).hasSizeGreaterThan(20).isEqualTo(rows(CUSTOMER_VALUE));
  }
}
