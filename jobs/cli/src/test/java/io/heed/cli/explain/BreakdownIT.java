package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Effects per segment, by the warehouse's own view. */
class BreakdownIT {
  @TempDir private static Path directory;
  private static TestingWarehouse warehouse;

  /** 40,000 people of a test, texted within two hours: half in each arm, every fifth with att. */
  private static final String SENDS =
      """
      INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, list_id,
          experiment_id, variant_id, epoch, carrier, region)
      SELECT 'send', concat('%1$s', toString(number)),
          toDateTime64('2026-03-02 10:00:00', 3, 'UTC') + number %% 7200,
          concat('%1$s', toString(number)), 'deals', '%1$s', if(number %% 2 = 0, 'a', 'b'), 0,
          if(number %% 5 = 0, 'att', 'other'), 'US-FL'
      FROM numbers(40000)
      """;

  /** One in ten does it, with att in arm b three in ten. */
  private static final String OUTCOMES =
      """
      INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, kind,
          revenue_micros)
      SELECT '%2$s', concat('%1$s', toString(number), '%3$s'), toDateTime64('%3$s', 3, 'UTC'),
          concat('%1$s', toString(number)), 'PURCHASE', 20000000
      FROM numbers(40000)
      WHERE intDiv(number, 10) %% 10 < if(number %% 2 = 1 AND number %% 5 = 0, 3, 1)
      """;

  private static final String DECISION =
      """
      INSERT INTO decision_versions (topic, decision_id, decided_at, key, seq, state, payload)
      SELECT 'sms.decision.experiment', '%1$s%2$d', now64(3), '%1$s', %2$d, 'RUNNING',
          '{"epoch":0,"decided_at":%2$d,"tested":{"starts_at":1772445600000,"metric":"m","event":"%3$s","type":"%4$s",
            "kinds":["PURCHASE"],"window_millis":86400000,"control_variant_id":"a"}}'
      """;

  private static final String IN_TIME = "2026-03-02 13:00:00";
  private static final long TWO_DAYS_LATER = Instant.parse("2026-03-04T10:00:00Z").toEpochMilli();

  @BeforeAll
  static void start() throws Exception {
    warehouse = TestingWarehouse.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    warehouse.close();
  }

  private static void texted(String id) throws Exception {
    warehouse.execute(SENDS.formatted(id));
  }

  private static void outcomes(String id, String event, String at) throws Exception {
    warehouse.execute(OUTCOMES.formatted(id, event, at));
  }

  private static void decided(String id, long at, String event, String type) throws Exception {
    warehouse.execute(DECISION.formatted(id, at, event, type));
  }

  private static List<String> breakdown(String id) throws Exception {
    return Breakdown.of(warehouse.connection(), id);
  }

  @Test
  void theSegmentThatDiffersIsNamedFirst() throws Exception {
    texted("one");
    outcomes("one", "reply", IN_TIME);
    outcomes("one", "reply", "2026-03-02 14:00:00");
    outcomes("one", "click", IN_TIME);
    decided("one", TWO_DAYS_LATER, "reply", "binary");
    List<String> lines = breakdown("one");
    assertThat(lines.get(1)).contains("all 5 comparisons");
    // Two carriers differ from each other by as much; the others have nothing to differ from.
    assertThat(lines.subList(4, 6))
        .anyMatch(line -> line.matches(" +carrier +att +b +8,000 +\\+200\\.0 % \\[.*"))
        .anyMatch(line -> line.matches(" +carrier +other +b +32,000 +\\+0\\.000 % \\[-.*, \\+.*"));
    assertThat(lines)
        .anyMatch(
            line -> line.matches(" +list +deals +b +40,000 +\\+40\\.00 % \\[\\+.*, \\+[^ ]*]"))
        .anyMatch(line -> line.matches(" +subscriber +new +b +40,000 +\\+40\\.00 % \\[.*"));
  }

  @Test
  void intervalsAreThoseOfAllComparisons() throws Exception {
    texted("level");
    outcomes("level", "reply", IN_TIME);
    decided("level", TWO_DAYS_LATER, "reply", "binary");
    try (Statement statement = warehouse.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT effect_lower, effect_upper, comparisons FROM"
                    + " experiment_breakdown(experiment = 'level') WHERE segment = 'deals'")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getLong(3)).isEqualTo(5);
      // 2,800 of 20,000 against 2,000 of 20,000, at 1 - 0.05/5: z = 2.5758.
      double error = Math.sqrt(1 / 2_800.0 + 1 / 2_000.0 - 2 / 20_000.0);
      assertThat(row.getDouble(1)).isCloseTo(1.4 * Math.exp(-2.5758 * error) - 1, within(1e-4));
      assertThat(row.getDouble(2)).isCloseTo(1.4 * Math.exp(2.5758 * error) - 1, within(1e-4));
    }
  }

  @Test
  void onlyWindowsThatAreOverCountAndOnlyWhatIsInThem() throws Exception {
    texted("early");
    outcomes("early", "reply", "2026-03-04 12:00:00");
    decided("early", TWO_DAYS_LATER, "reply", "binary");
    assertThat(breakdown("early")).as("after the window").isEmpty();
    outcomes("early", "reply", IN_TIME);
    assertThat(breakdown("early")).isNotEmpty();
    texted("open");
    outcomes("open", "reply", IN_TIME);
    decided("open", TWO_DAYS_LATER - 86_400_000, "reply", "binary");
    assertThat(breakdown("open")).as("no window is over").isEmpty();
  }

  @Test
  void revenueIsADifferencePerRecipient() throws Exception {
    texted("money");
    outcomes("money", "conversion", IN_TIME);
    decided("money", TWO_DAYS_LATER, "conversion", "revenue");
    assertThat(breakdown("money"))
        .anyMatch(
            line ->
                line.matches(
                    " +carrier +att +b +8,000 +\\+4\\.000 \\[\\+3\\.\\d+, \\+4\\.\\d+] .*"));
  }

  @Test
  void anOldSubscriberHasBeenTextedAMonthBefore() throws Exception {
    texted("old");
    outcomes("old", "reply", IN_TIME);
    warehouse.execute(
        SENDS
            .formatted("old")
            .replace("'send', concat('old'", "'send', concat('before'")
            .replace("2026-03-02", "2026-01-02")
            .replace("'deals', 'old'", "'deals', ''")
            .replace("numbers(40000)", "numbers(10000)"));
    decided("old", TWO_DAYS_LATER, "reply", "binary");
    assertThat(breakdown("old"))
        .anyMatch(line -> line.matches(" +subscriber +old +b +10,000 +.*"))
        .anyMatch(line -> line.matches(" +subscriber +new +b +30,000 +.*"));
  }

  @Test
  void whoWasExposedBeforeTheStartDoesNotCount() throws Exception {
    texted("start");
    outcomes("start", "reply", IN_TIME);
    decided("start", TWO_DAYS_LATER, "reply", "binary");
    List<String> without = breakdown("start");
    warehouse.execute(
        SENDS
            .formatted("start")
            .replace(
                "concat('start', toString(number)), 'deals'",
                "concat('soon', toString(number)), 'deals'")
            .replace("'send', concat('start'", "'send', concat('soon'")
            .replace("10:00:00", "07:30:00"));
    assertThat(breakdown("start")).isEqualTo(without).isNotEmpty();
  }

  @Test
  void whatIsUnknownHasNone() throws Exception {
    assertThat(breakdown("it's unknown")).isEmpty();
  }
}
