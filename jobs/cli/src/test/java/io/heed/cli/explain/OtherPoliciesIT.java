package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other policies would have brought, by the query of the page Optimizer. */
class OtherPoliciesIT {
  private static final Path PAGE =
      Path.of("../../dashboards/grafana/dashboards/heed-optimizer.json");

  /**
   * 20,000 people, whom one verdict in ten meets by chance. Half are worth a message.
   *
   * <p>Parameters: suffix of the request, cause, days ago, offset in seconds, the record's chance.
   */
  private static final String VERDICTS =
      """
      INSERT INTO decision_versions (topic, decision_id, decided_at, key, seq, state, payload)
      SELECT 'sms.decision.send-verdict', concat('%1$s', toString(number)),
          toStartOfDay(now64(3)) - INTERVAL %3$d DAY + INTERVAL (40000 + number + %4$d) SECOND,
          concat('r', toString(number)), 1, 'ALLOW',
          concat('{"list_id":"deals","request_id":"%1$s', toString(number), '"', %5$s, ',"value":{"cause":"', %2$s, '"}}')
      FROM numbers(20000)
      """;

  private static final String CHANCE =
      "if(intDiv(number, 2) % 10 = 0, ',\"propensity\":0.1', ',\"propensity\":0.9')";

  private static final String BY_CHANCE =
      "if(number % 2 = 0, if(intDiv(number, 2) % 10 = 0, 'WITHHELD', 'WANTED'),"
          + " if(intDiv(number, 2) % 10 = 0, 'EXPLORED', 'UNWANTED'))";

  /** 5 % buy for 20 anyhow, 15 % of those who are worth a message and get one, 6 % of others. */
  private static final String PURCHASES =
      """
      INSERT INTO events_versions
        (event_type, event_id, event_time, recipient_id, kind, revenue_micros)
      SELECT 'conversion', concat('c', toString(number), '%1$s'),
          toStartOfDay(now64(3)) - INTERVAL 20 DAY + INTERVAL (50000 + number + %2$d) SECOND,
          concat('r', toString(number)), 'PURCHASE', 20000000
      FROM numbers(20000)
      WHERE intDiv(number, 20) %% 100 <
        if(number %% 2 = 0, if(intDiv(number, 2) %% 10 = 0, 5, 15), if(intDiv(number, 2) %% 10 = 0, 6, 5))
      """;

  private static final int DAY = 86_400;

  private record Estimate(long people, double brings, double atLeast, double atMost) {}

  @TempDir private static Path directory;
  private static TestingWarehouse warehouse;

  @BeforeAll
  static void start() throws Exception {
    warehouse = TestingWarehouse.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    warehouse.close();
  }

  @Test
  void whatChanceDidSaysWhatOtherPoliciesBring() throws Exception {
    warehouse.execute(VERDICTS.formatted("q", BY_CHANCE, 20, 0, CHANCE));
    warehouse.execute(PURCHASES.formatted("", 0));
    // A later request of that day, pilots, a day that is too young, and later purchases.
    warehouse.execute(VERDICTS.formatted("later", "'EXPLORED'", 20, 60, CHANCE));
    warehouse.execute(VERDICTS.formatted("pilot", "'PILOT'", 19, 0, CHANCE));
    warehouse.execute(VERDICTS.formatted("young", BY_CHANCE, 5, 0, CHANCE));
    warehouse.execute(PURCHASES.formatted("late", 7 * DAY));
    // What the optimizer would have done, and what it did without chance: neither has a propensity.
    warehouse.execute(
        VERDICTS.formatted("shadow", BY_CHANCE, 18, 0, "',\"value_verdict\":\"DEFER\"'"));
    warehouse.execute(VERDICTS.formatted("sure", "'WANTED'", 17, 0, "''"));

    Map<String, Estimate> policies = query();

    assertThat(policies.keySet())
        .containsExactly(
            "as it ran, chance included",
            "the optimizer without its chance",
            "everything sent",
            "nothing sent");
    assertBrings(policies.get("as it ran, chance included"), 20_000, 1.91);
    assertBrings(policies.get("the optimizer without its chance"), 18_000, 2.0);
    assertBrings(policies.get("everything sent"), 10_000, 2.1);
    assertBrings(policies.get("nothing sent"), 10_000, 1.0);
    Estimate sent = policies.get("everything sent");
    // Weighted 1 / 0.9 and 1 / 0.1: the variance of both halves by their weights.
    double error = Math.sqrt((variance(0.15) / 0.9 + variance(0.06) / 0.1) * 10_000) / 20_000;
    assertThat(sent.atMost() - sent.brings()).isCloseTo(1.96 * error, within(0.1 * error));
    assertThat(sent.brings() - sent.atLeast()).isCloseTo(1.96 * error, within(0.1 * error));
  }

  private static double variance(double rate) {
    // Around the mean of all, 2.1.
    return rate * (20 - 2.1) * (20 - 2.1) + (1 - rate) * 2.1 * 2.1;
  }

  private static void assertBrings(Estimate estimate, long people, double brings) {
    assertThat(estimate.people()).isEqualTo(people);
    assertThat(estimate.brings()).isCloseTo(brings, within(1e-9));
  }

  private static Map<String, Estimate> query() throws Exception {
    JsonNode panels = JsonMapper.builder().build().readTree(PAGE.toFile()).path("panels");
    String sql =
        StreamSupport.stream(panels.spliterator(), false)
            .filter(panel -> panel.path("title").asText().equals("Had other policies decided"))
            .findFirst()
            .orElseThrow()
            .at("/targets/0/rawSql")
            .asText()
            .replace("$__fromTime", "(now() - INTERVAL 30 DAY)")
            .replace("$__toTime", "now()")
            .replace("${list:singlequote}", "'deals'");
    Map<String, Estimate> policies = new LinkedHashMap<>();
    try (Statement statement = warehouse.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        policies.put(
            rows.getString("policy"),
            new Estimate(
                rows.getLong("people"),
                rows.getDouble("brings"),
                rows.getDouble("at_least"),
                rows.getDouble("at_most")));
      }
    }
    return policies;
  }
}
