package io.heed.cli.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.cli.demo.Demo;
import io.heed.cli.local.Endpoints;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.core.model.TopicNames;
import io.heed.flink.Jobs;
import io.heed.preview.ClickHouse;
import io.heed.preview.Dashboards;
import io.heed.preview.PreviewServer;
import io.heed.sim.Scenarios;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Every dashboard and every alert rule over what the jobs made of simulated traffic, on a real
 * stack, and in a real browser where there is one.
 */
@Timeout(1200)
class DashboardsIT {
  private static final Path GRAFANA = Path.of("../../dashboards/grafana");
  private static final Path PICTURES = Path.of("target/dashboards");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  /** Panels of which it depends on chance whether there is something to show. */
  private static final Set<String> MAY_BE_EMPTY =
      Set.of("Alerts that hold", "Guardrails", "Newest dead letters");

  private static final List<String> ROLLUPS =
      List.of(
          "event_hourly_refresh",
          "decision_hourly_refresh",
          "engagement_recency",
          "attribution_hourly_refresh",
          "decision_current",
          "send_profile_refresh",
          "subscription",
          "lead_outcome",
          "customer_value");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static PreviewServer preview;
  private static List<String> problemsWhenEmpty;
  private static List<String> findingsWhenEmpty;
  private static JsonNode experimentsWhenApplied;

  @BeforeAll
  static void playTraffic() throws Exception {
    List<String> jobs = List.copyOf(Jobs.all().keySet());
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory)
                .kafkaPort(0)
                .clickHousePort(0)
                .flinkPort(0)
                .metricsPort(0)
                .jobs(jobs)
                .configuration(Path.of("../../experiment-config"))
                .build());
    Endpoints endpoints = stack.endpoints();
    preview =
        PreviewServer.start(
            new Dashboards(GRAFANA.resolve("dashboards")),
            new ClickHouse(
                URI.create(clickHouse() + "/"),
                "heed",
                endpoints.readerName(),
                Files.readString(endpoints.readerPasswordFile()).strip()),
            0);
    problemsWhenEmpty = problems();
    if (TestingBrowser.installed().isPresent()) {
      findingsWhenEmpty = findings("empty");
    }
    awaitRows("SELECT count() > 1 FROM experiment_definition");
    experimentsWhenApplied = result("heed-experiments", 5);
    try (Demo demo =
        new Demo(
            endpoints.cluster(),
            () -> DriverManager.getConnection(endpoints.clickHouseUrl()),
            new TopicNames(""),
            Scenarios.shipped("default").with(null, 1_500, 40),
            jobs,
            new PrintWriter(new StringWriter()),
            false)) {
      demo.playHistory();
      demo.live(Duration.ofSeconds(3));
    }
    TestingDecisions.publish(endpoints.kafka(), System.currentTimeMillis());
    for (String table :
        List.of("experiment_result", "incremental_lift", "attribution_credit", "heartbeat")) {
      awaitRows("SELECT count() FROM " + table);
    }
    awaitRows("SELECT count() FROM send_cohort WHERE read > 0");
    awaitRows(
        "SELECT count() FROM decision WHERE topic = 'sms.alert' AND startsWith(key, 'sent_')");
    awaitRows("SELECT count() FROM pipeline_metric WHERE metric = 'lag_records'");
    awaitRows("SELECT count() FROM pipeline_metric WHERE metric = 'checkpoint_size_bytes'");
    for (String rollup : ROLLUPS) {
      execute("SYSTEM REFRESH VIEW heed." + rollup);
      execute("SYSTEM WAIT VIEW heed." + rollup);
    }
  }

  @AfterAll
  static void stop() {
    // Either is missing where its start has failed.
    if (preview != null) {
      preview.close();
    }
    if (stack != null) {
      stack.close();
    }
  }

  private static void awaitRows(String sql) {
    Awaitility.await(sql).atMost(TIMEOUT).until(() -> !execute(sql).equals("0"));
  }

  static Stream<JsonNode> dashboards() throws IOException {
    return new Dashboards(GRAFANA.resolve("dashboards")).all().stream();
  }

  @Test
  void anEmptyDatabaseIsNoError() {
    assertThat(problemsWhenEmpty).isEmpty();
  }

  private static List<String> problems() throws Exception {
    List<String> problems = new ArrayList<>();
    for (JsonNode dashboard : dashboards().toList()) {
      for (JsonNode panel : Dashboards.panels(dashboard)) {
        for (JsonNode result : results(dashboard, panel)) {
          if (result.has("error")) {
            problems.add(name(dashboard, panel) + ": " + result.path("error").asText());
          }
        }
      }
    }
    return problems;
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyPanelHasRowsThatSuitIt(JsonNode dashboard) throws Exception {
    for (JsonNode panel : Dashboards.panels(dashboard)) {
      String name = name(dashboard, panel);
      int rows = 0;
      for (JsonNode result : results(dashboard, panel)) {
        assertThat(result.path("error").asText()).as(name).isEmpty();
        rows += result.path("rows").size();
        suits(name, panel, result);
      }
      if (!panel.path("type").asText().equals("text")
          && !MAY_BE_EMPTY.contains(panel.path("title").asText())) {
        assertThat(rows).as("rows of " + name).isPositive();
      }
    }
  }

  private static void suits(String name, JsonNode panel, JsonNode result) {
    List<String> kinds = kinds(result);
    List<String> columns = names(result);
    assertThat(columns).as(name).doesNotHaveDuplicates();
    switch (panel.path("type").asText()) {
      case "timeseries", "heatmap" -> {
        assertThat(kinds.get(0)).as(name).isEqualTo("time");
        assertThat(kinds).as(name).contains("number");
        assertThat(texts(result, 0)).as(name + " in order of time").isSorted();
      }
      case "state-timeline" -> {
        assertThat(kinds).as(name).containsExactly("time", "text");
        assertThat(texts(result, 0)).as(name + " in order of time").isSorted();
      }
      case "barchart" -> {
        assertThat(kinds.get(0)).as(name).isEqualTo("text");
        assertThat(kinds.subList(1, kinds.size())).as(name).containsOnly("number");
        assertThat(texts(result, 0)).as(name).doesNotHaveDuplicates();
      }
      case "bargauge" -> {
        assertThat(kinds).as(name).containsExactly("text", "number");
        assertThat(texts(result, 0)).as(name).doesNotHaveDuplicates();
      }
      case "stat" -> {
        // The figure of the range, and of the period before.
        assertThat(columns.subList(1, kinds.size())).as(name).isSubsetOf("before");
        assertThat(result.path("rows").size()).as(name).isLessThanOrEqualTo(1);
      }
      case "table" -> {
        assertThat(kinds.size()).as(name).isBetween(3, 14);
        for (JsonNode override : panel.path("fieldConfig").path("overrides")) {
          if (override.path("matcher").path("id").asText().equals("byName")) {
            assertThat(columns)
                .as(name + " has the column")
                .contains(override.path("matcher").path("options").asText());
          }
        }
      }
      default -> assertThat(panel.path("type").asText()).isEqualTo("text");
    }
  }

  /** The file of the compose file, scraping this stack, by a real Prometheus. */
  @Test
  void prometheusGetsWhatFlinkAndTheJobsMeasure(@TempDir Path home) throws Exception {
    assumeTrue(
        TestingPrometheus.installed().isPresent(),
        "no Prometheus on the PATH: that the metrics reach it is not tested");
    String file =
        Files.readString(Path.of("../../deploy/compose/prometheus.yml"))
            .replaceFirst("scrape_interval: \\w+", "scrape_interval: 1s")
            .replaceFirst(
                "targets: .*",
                "targets: ['" + URI.create(stack.endpoints().metricsUrl()).getAuthority() + "']");
    try (TestingPrometheus prometheus = TestingPrometheus.start(file, home)) {
      prometheus.await("up{job='heed'} == 1");
      // Flink's reporter has no hyphens in its labels.
      List<String> jobs = Jobs.all().keySet().stream().map(job -> job.replace('-', '_')).toList();
      for (String metric :
          List.of(
              "flink_jobmanager_job_uptime",
              "flink_jobmanager_job_lastCheckpointDuration",
              "flink_taskmanager_job_task_numRecordsIn")) {
        assertThat(prometheus.labels("count by (job_name) (" + metric + ")", "job_name"))
            .as(metric)
            .containsAll(jobs);
      }
      // Counters of the project's own, in the operators that have them.
      for (String metric : List.of("heed_late", "heed_evicted")) {
        assertThat(
                prometheus.labels(
                    "count by (job_name) ({__name__=~'flink_taskmanager_job_task_operator_(.*_)?"
                        + metric
                        + "'})",
                    "job_name"))
            .as(metric)
            .contains("attribution");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyVariableHasOptionsAndEveryAnnotationRuns(JsonNode dashboard) throws Exception {
    String path = "api/dashboards/" + dashboard.path("uid").asText();
    for (JsonNode variable : get(path + "/variables").path("variables")) {
      assertThat(variable.path("options").size()).as(variable.toString()).isPositive();
      assertThat(variable.path("chosen").size()).as(variable.toString()).isPositive();
    }
    for (JsonNode result : get(path + "/annotations")) {
      assertThat(result.path("error").asText()).isEmpty();
      assertThat(names(result)).contains("time", "text");
    }
  }

  @Test
  void everyAppliedExperimentIsListedBeforeItIsEvaluated() throws Exception {
    List<String> columns = names(experimentsWhenApplied);
    assertThat(texts(experimentsWhenApplied, columns.indexOf("experiment")))
        .containsExactlyInAnyOrder("deals-emoji", "launch-copy");
    assertThat(texts(experimentsWhenApplied, columns.indexOf("state")))
        .containsOnly("NOT_EVALUATED");
    assertThat(texts(experimentsWhenApplied, columns.indexOf("owner")))
        .containsOnly("growth@example.com");
    assertThat(texts(experimentsWhenApplied, columns.indexOf("hypothesis")))
        .contains("An emoji in front of the weekend deals is clicked more.");

    JsonNode now = result("heed-experiments", 5);
    Map<String, JsonNode> byId = new HashMap<>();
    now.path("rows").forEach(row -> byId.put(row.path(0).asText(), row));
    assertThat(byId).containsKeys("deals-emoji", "launch-copy", "z-held", "z-unshown");
    assertThat(byId.get("z-held").path(columns.indexOf("held_by")).asText())
        .isEqualTo("offer waits for opt-out, about 52000 recipients");
    JsonNode launched = byId.get("launch-copy");
    assertThat(launched.path(columns.indexOf("state")).asText()).isEqualTo("RUNNING");
    assertThat(launched.path(columns.indexOf("progress")).asDouble()).isBetween(0.0001, 1.0);
    assertThat(launched.path(columns.indexOf("starts_at")).asText()).startsWith("2024-01-01");
  }

  @Test
  void aLinkToAnUnknownExperimentShowsNoOther() throws Exception {
    String path = "api/dashboards/heed-experiment/";
    JsonNode variable = get(path + "variables?var-experiment=nobody's").path("variables").path(0);
    assertThat(variable.path("chosen")).extracting(JsonNode::asText).containsExactly("nobody's");
    assertThat(variable.path("options"))
        .extracting(option -> option.path("text").asText())
        .contains("nobody's (unknown)");
    for (int panel : List.of(1, 3, 7, 12, 18)) {
      for (JsonNode result : get(path + "panels/" + panel + "?var-experiment=nobody's")) {
        assertThat(result.path("error").asText()).isEmpty();
        assertThat(result.path("rows").size()).as("rows of panel %d", panel).isZero();
      }
    }
    assertThat(ofExperiment("launch-copy", 18).path("rows").size()).isOne();
  }

  /** The jobs still run, so a figure may change between the panel's query and the table's. */
  @Test
  void figuresAreWhatTheTablesSay() {
    Awaitility.await().atMost(TIMEOUT).untilAsserted(DashboardsIT::assertFigures);
  }

  private static void assertFigures() throws Exception {
    assertThat(figure("heed-list-health", 1))
        .isEqualTo(execute("SELECT count() FROM events WHERE event_type = 'send' AND late = 0"));
    assertThat(figure("heed-list-health", 6))
        .isEqualTo(execute("SELECT sum(complaints) FROM send_cohort WHERE campaign_id != ''"));
    assertThat(figure("heed-pipeline", 5)).isEqualTo(execute("SELECT count() FROM dead_letter"));
    assertThat(figure("heed-sending-decisions", 1))
        .isEqualTo(
            execute("SELECT count() FROM decision WHERE topic = 'sms.decision.send-verdict'"));
    assertThat(figure("heed-subscribers", 1)).isEqualTo(execute(SUBSCRIBERS));
    assertThat(figure("heed-subscribers", 2))
        .isEqualTo(
            execute(
                "SELECT sum(opt_ins) - sum(opt_outs) FROM list_health WHERE campaign_id = '' AND"
                    + " window_seconds = 60 AND list_id != ''"));
    assertThat(Double.parseDouble(figure("heed-subscribers", 5)))
        .isEqualTo(
            Double.parseDouble(
                execute(
                    "SELECT countIf(category = 'PROMOTIONAL') / count() FROM events"
                        + " WHERE event_type = 'send' AND late = 0")));
    double credited = 0;
    for (JsonNode row : result("heed-attribution", 6).path("rows")) {
      credited += row.path(2).asDouble();
    }
    String revenue =
        execute(
            "SELECT round(sum(if(kind = 'REFUND', -revenue_micros, revenue_micros)) / 1e6) FROM"
                + " events WHERE event_type = 'conversion' AND late = 0");
    assertThat(Math.round(credited))
        .as("all revenue is credited to something")
        .isEqualTo(Math.round(Double.parseDouble(revenue)));
  }

  /** By the events and the decisions themselves. */
  private static final String SUBSCRIBERS =
      """
      WITH newest AS (
          SELECT key, argMax(state, seq) AS state, argMax(decided_at, seq) AS at
          FROM decision WHERE topic = 'sms.decision.suppression' GROUP BY key
      )
      SELECT countIf(NOT (own.state = 'SUPPRESSED'
          OR (every.state = 'SUPPRESSED' AND NOT (own.state = 'ALLOWED' AND own.at > every.at))))
      FROM (
          SELECT DISTINCT recipient_id, if(event_type = 'send', list_id, scope) AS list
          FROM events
          WHERE event_type = 'send' OR (event_type = 'opt-in' AND scope != '*')
      ) AS people
      LEFT JOIN newest AS own ON own.key = concat(recipient_id, '|', list)
      LEFT JOIN newest AS every ON every.key = concat(recipient_id, '|*')
      WHERE list IN (SELECT list_id FROM list_health WHERE window_seconds = 86400 AND campaign_id = '')""";

  private static String figure(String uid, int panel) throws Exception {
    return result(uid, panel).path("rows").path(0).path(0).asText();
  }

  private static JsonNode result(String uid, int panel) throws Exception {
    return get("api/dashboards/" + uid + "/panels/" + panel + "?from=now-90d&to=now%2B1d").path(0);
  }

  @Test
  void theExperimentsPageSaysWhatAWinnerWaitsForAndWhatWasNotShown() throws Exception {
    Awaitility.await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(ofExperiment("z-held", 2).toString()).contains("offer, held by opt-out");
              assertThat(ofExperiment("z-unshown", 2).toString())
                  .contains("not shown: non-inferiority of opt-out in offer");
            });
    JsonNode guardrails = ofExperiment("z-held", 13);
    assertThat(names(guardrails))
        .containsExactly("metric", "variant", "verdict", "missing", "p_value");
    assertThat(texts(guardrails, 0)).containsExactly("complaint", "opt-out");
    assertThat(texts(guardrails, 2)).containsExactly("NOT_WORSE", "HOLDS");
    assertThat(guardrails.path("rows").path(1).path(3).asLong()).isEqualTo(52_000);
    assertThat(texts(ofExperiment("z-unshown", 13), 2)).containsExactly("NOT_WORSE", "OPEN");
  }

  @Test
  void theExperimentsPageShowsTheEffectInEachPartOfTheAudience() throws Exception {
    Awaitility.await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(texts(ofExperiment("launch-copy", 17), 0))
                    .contains("list", "region", "carrier", "subscriber"));
    JsonNode segments = ofExperiment("launch-copy", 17);
    assertThat(names(segments)).startsWith("dimension", "segment", "variant").contains("p_differs");
    assertThat(texts(segments, 2)).contains("short-copy").isSubsetOf("short-copy", "holdout");
    long comparisons =
        segments.path("rows").path(0).path(names(segments).indexOf("comparisons")).asLong();
    assertThat(comparisons).isGreaterThanOrEqualTo(4);
  }

  private static JsonNode ofExperiment(String id, int panel) throws Exception {
    return get("api/dashboards/heed-experiment/panels/" + panel + "?var-experiment=" + id).path(0);
  }

  @Test
  void alertsSayWhatHappenedAndWhatToDo() throws Exception {
    JsonNode alerts = result("heed-growth", 10);
    assertThat(alerts.path("rows").size()).isGreaterThanOrEqualTo(13);
    for (JsonNode row : alerts.path("rows")) {
      for (String column : List.of("alert", "about", "happened", "todo")) {
        assertThat(row.path(names(alerts).indexOf(column)).asText())
            .as("%s of %s", column, row)
            .isNotEmpty()
            .doesNotContain("|", "1970");
      }
    }
    assertThat(texts(alerts, names(alerts).indexOf("happened")))
        .contains(
            "An opt-out is invalid: scope: 'everything and more' is too long. The person is"
                + " suppressed all the same");
    assertThat(texts(alerts, names(alerts).indexOf("about"))).contains("recipient gated-3");
  }

  @Test
  void salesGetsWhoIsHotNow() throws Exception {
    JsonNode people = result("heed-sales", 4);
    int texting = names(people).indexOf("texting");
    Map<String, JsonNode> byId = new HashMap<>();
    people.path("rows").forEach(row -> byId.put(row.path(0).asText(), row));
    assertThat(byId).containsKeys("gated-0", "gated-1").doesNotContainKeys("gated-2", "gated-3");
    assertThat(byId.get("gated-0").path(texting).asText()).isEqualTo("STOPPED");
    assertThat(byId.get("gated-1").path(texting).asText()).isEqualTo("OPEN");
    // Twelve points of 14 days ago.
    assertThat(byId.get("gated-1").path(1).asDouble()).isCloseTo(6, within(0.1));
  }

  @Test
  void theProgrammesLiftIsPerThousandPeople() throws Exception {
    JsonNode lift = result("heed-attribution", 13);
    assertThat(texts(lift, 1)).containsExactly("people converting", "revenue, USD");
    JsonNode converting = lift.path("rows").path(0);
    assertThat(converting.path(2).asDouble()).isEqualTo(40);
    assertThat(converting.path(3).asDouble()).isEqualTo(30);
    assertThat(converting.path(4).asDouble()).isEqualTo(10);
    assertThat(lift.path("rows").path(1).path(4).asDouble()).isEqualTo(1_000);
    assertThat(result("heed-attribution", 8).toString()).doesNotContain("programme");
  }

  @Test
  void otherPoliciesAreWeighedByWhatChanceDidAlone() throws Exception {
    JsonNode policies = result("heed-optimizer", 12);
    assertThat(policies.path("rows")).hasSize(4);
    for (JsonNode policy : policies.path("rows")) {
      assertThat(policy.path(1).asLong()).as("people of %s", policy).isBetween(1L, 5L);
      assertThat(policy.path(2).isNumber()).as("what %s brings", policy).isTrue();
    }
  }

  @Test
  void aMessageToAHoldOutCostsNothingByLaw() throws Exception {
    assertThat(figure("heed-sending-decisions", 6)).isEqualTo("18000");
  }

  @Test
  void valuesFromTheAddressDoNotReachSql() throws Exception {
    for (String value : List.of("'%20OR%201=1--", "%5C'", "$__all')", "${list}")) {
      JsonNode result =
          get("api/dashboards/heed-list-health/panels/1?var-list="
                  + value.replace("{", "%7B").replace("}", "%7D"))
              .path(0);
      assertThat(result.path("error").asText()).isEmpty();
    }
    for (String range : List.of("now()", "1);DROP", "now-1x")) {
      HttpResponse<String> answer =
          HTTP.send(
              HttpRequest.newBuilder(
                      URI.create(
                          preview.url() + "api/dashboards/heed-growth/panels/1?from=" + range))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(400);
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void alertRulesRunAndLeadToTheirPanels() throws Exception {
    Map<String, Object> file =
        (Map<String, Object>)
            new Load(LoadSettings.builder().build())
                .loadFromString(
                    Files.readString(GRAFANA.resolve("provisioning/alerting/heed.yaml")));
    JsonNode rules = JSON.valueToTree(file).path("groups").path(0).path("rules");
    Set<String> uids = new HashSet<>();
    assertThat(rules.size()).isGreaterThanOrEqualTo(15);
    Map<String, JsonNode> boards = new HashMap<>();
    dashboards().forEach(dashboard -> boards.put(dashboard.path("uid").asText(), dashboard));
    for (JsonNode rule : rules) {
      String title = rule.path("title").asText();
      assertThat(uids.add(rule.path("uid").asText())).as(title).isTrue();
      assertThat(rule.path("labels").path("severity").asText())
          .as(title)
          .isIn("critical", "warning", "info");
      assertThat(rule.path("for").asText()).as(title).matches("\\d+[sm]");
      assertThat(rule.path("noDataState").asText()).as(title).isIn("OK", "Alerting");
      assertThat(rule.path("execErrState").asText()).as(title).isEqualTo("Error");
      JsonNode board = boards.get(rule.path("annotations").path("__dashboardUid__").asText());
      assertThat(board).as(title).isNotNull();
      Dashboards.panel(board, rule.path("annotations").path("__panelId__").asText());
      String sql = rule.path("data").path(0).path("model").path("rawSql").asText();
      assertThat(sql).as(title + " has no macro").doesNotContain("$");
      JsonNode result = JSON.readTree(execute(sql + " FORMAT JSONCompact"));
      List<String> kinds = kinds(((ObjectNode) result).set("columns", result.path("meta")));
      assertThat(kinds).as(title).containsOnlyOnce("number").doesNotContain("time");
      for (String label : labels(rule.path("annotations").path("summary").asText())) {
        assertThat(names(result)).as(title + " has the label").contains(label);
      }
    }
    for (String rate :
        List.of(
            "heed-opt-out-rate",
            "heed-delivery-drop",
            "heed-delivery-drop-carrier",
            "heed-filtered",
            "heed-unregistered-sender")) {
      assertThat(execute(sqlOf(rules, rate).replaceFirst("HAVING(?s:.*)", "")))
          .as("what %s watches, however few there are", rate)
          .isNotEmpty();
    }
    assertThat(execute(sqlOf(rules, "heed-sent-after-opt-out"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-cap-breach"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-sent-in-quiet-hours"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-sent-to-holdout"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-stale-results"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-sample-ratio"))).isNotEmpty();
    assertThat(execute(sqlOf(rules, "heed-gate-silent"))).isNotEmpty();
  }

  private static String sqlOf(JsonNode rules, String uid) {
    for (JsonNode rule : rules) {
      if (rule.path("uid").asText().equals(uid)) {
        return rule.path("data").path(0).path("model").path("rawSql").asText();
      }
    }
    throw new AssertionError("no rule " + uid);
  }

  private static List<String> labels(String summary) {
    return Pattern.compile("\\$labels\\.(\\w+)")
        .matcher(summary)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /**
   * Names, texts and colours as Grafana's own code computes them, a layout for every screen, and
   * nobody kept out.
   */
  @Test
  void everyPageIsInABrowserWhatGrafanaShows() throws Exception {
    browser();
    assertThat(Map.of("empty", findingsWhenEmpty, "played", findings("played")))
        .isEqualTo(Map.of("empty", List.of(), "played", List.of()));
  }

  private static Path browser() {
    assumeTrue(
        TestingBrowser.installed().isPresent(),
        "no Chromium on the PATH: the dashboards are not looked at in a browser");
    return TestingBrowser.installed().get();
  }

  /**
   * What is wrong with the pages in a browser. With {@code -Dheed.pictures}, each of them is also
   * written to target/dashboards: wide and narrow, light and dark.
   */
  private static List<String> findings(String data) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(preview.url(), data));
    if (System.getProperty("heed.pictures") != null) {
      arguments.add(PICTURES.resolve(data).toAbsolutePath().toString());
    }
    List<String> findings = new ArrayList<>();
    TestingBrowser.run(browser(), "pages", arguments.toArray(String[]::new))
        .properties()
        .forEach(
            page ->
                page.getValue()
                    .forEach(found -> findings.add(page.getKey() + ": " + found.asText())));
    return findings;
  }

  private static JsonNode results(JsonNode dashboard, JsonNode panel) throws Exception {
    return get(
        "api/dashboards/%s/panels/%s"
            .formatted(dashboard.path("uid").asText(), panel.path("id").asText()));
  }

  private static String name(JsonNode dashboard, JsonNode panel) {
    return dashboard.path("title").asText() + ", " + panel.path("title").asText();
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(preview.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String clickHouse() {
    URI jdbc = URI.create(stack.endpoints().clickHouseUrl().substring("jdbc:".length()));
    return "http://" + jdbc.getAuthority();
  }

  /** The answer of the database to its owner. */
  private static String execute(String sql) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(clickHouse() + "/?database=heed"))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body().strip();
  }

  private static List<String> names(JsonNode result) {
    return StreamSupport.stream(
            (result.has("columns") ? result.path("columns") : result.path("meta")).spliterator(),
            false)
        .map(column -> column.path("name").asText())
        .toList();
  }

  private static List<String> kinds(JsonNode result) {
    return StreamSupport.stream(result.path("columns").spliterator(), false)
        .map(column -> kind(column.path("type").asText()))
        .toList();
  }

  private static String kind(String type) {
    String inner = type.replaceAll("LowCardinality\\(|Nullable\\(", "");
    if (inner.startsWith("Date")) {
      return "time";
    }
    return inner.matches("(U?Int|Float|Decimal).*") ? "number" : "text";
  }

  private static List<String> texts(JsonNode result, int column) {
    return StreamSupport.stream(result.path("rows").spliterator(), false)
        .map(row -> row.path(column).asText())
        .toList();
  }
}
