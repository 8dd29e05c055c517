package io.heed.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Splits with a known fault, by the warehouse's own view. */
class SplitDiagnosisIT {
  @TempDir private static Path directory;
  private static TestingWarehouse warehouse;

  /** Every fifth recipient is with carrier att; %s is the arm of a number and its carrier. */
  private static final String SENDS =
      """
      INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, campaign_id,
          list_id, experiment_id, variant_id, epoch, carrier, region)
      SELECT 'send', concat('%1$s', toString(number)),
          toDateTime64('2026-03-02 10:00:00', 3, 'UTC') + number %% 7200, toString(number), 'c',
          'deals', '%1$s', if(%2$s, 'a', 'b'), 0, if(number %% 5 = 0, 'att', 'other'),
          concat('US-', toString(number %% 3))
      FROM numbers(%3$d, 10000)
      """;

  private static final String DECISION =
      """
      INSERT INTO decision_versions (topic, decision_id, decided_at, key, seq, state, payload)
      SELECT 'sms.decision.experiment', '%1$s', now64(3), '%1$s', 1, 'INVALID',
          '{"epoch":0,"allocation":{"a":0.4,"b":0.4,"holdout":0.2}}'
      """;

  @BeforeAll
  static void start() throws Exception {
    warehouse = TestingWarehouse.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    warehouse.close();
  }

  private static void execute(String sql) throws Exception {
    warehouse.execute(sql);
  }

  @Test
  void aFaultOfOneCarrierIsNamed() throws Exception {
    String arm = "if(number % 5 = 0, intDiv(number, 5) % 10 < 7, intDiv(number, 5) % 2 = 0)";
    execute(SENDS.formatted("one", arm, 0));
    // Later messages, also of another variant, and of people outside do not count.
    execute(
        SENDS
            .formatted("one", "1", 0)
            .replace("10:00:00", "18:00:00")
            .replace("concat('one'", "concat('later'"));
    execute(DECISION.formatted("one"));
    List<String> lines = SplitDiagnosis.of(warehouse.connection(), "one");
    assertThat(lines.get(1))
        .isEqualTo("  Worst is carrier att: everything else together is as the shares promise.");
    assertThat(lines.get(3).strip().split("\\s+", -1))
        .containsExactly("carrier", "att", "2,000", "a", "1,400", "1,000", "320.0");
    assertThat(lines)
        .anyMatch(line -> line.contains("list") && line.contains("deals"))
        .anyMatch(line -> line.contains("region") && line.contains("US-1"))
        .anyMatch(line -> line.contains("campaign"))
        .anyMatch(line -> line.contains("hour") && line.contains("2026-03-02 10:00"))
        .noneMatch(line -> line.contains("18:00"));
  }

  @Test
  void aFaultOfTheAssignmentIsEverywhere() throws Exception {
    execute(SENDS.formatted("all", "intDiv(number, 30) % 20 < 11", 0));
    execute(DECISION.formatted("all"));
    List<String> lines = SplitDiagnosis.of(warehouse.connection(), "all");
    assertThat(lines.get(1)).startsWith("  It is off everywhere, most in ");
  }

  @Test
  void anArmThatIsMissingSomewhereIsThere() throws Exception {
    String arm = "number % 5 = 0 OR intDiv(number, 5) % 2 = 0";
    execute(SENDS.formatted("gone", arm, 0));
    execute(DECISION.formatted("gone"));
    assertThat(SplitDiagnosis.of(warehouse.connection(), "gone").get(3).strip().split("\\s+", -1))
        .startsWith("carrier", "att", "2,000")
        .endsWith("1,000", "2000.0");
  }

  /** Shares are those by which people were drawn; who got an arm without a share counts nowhere. */
  @Test
  void everyEpochHasTheSharesThatItBeganWith() throws Exception {
    execute(SENDS.formatted("ended", "intDiv(number, 30) % 2 = 0", 0));
    execute(DECISION.formatted("ended"));
    String later = SENDS.replace("'b'), 0,", "'b'), 1,");
    execute(later.formatted("ended", "intDiv(number, 30) % 4 = 0", 20_000));
    String decision = DECISION.formatted("ended").replace("'ended', now64", "'ended%d', now64");
    execute(
        decision
            .formatted(1)
            .replace(", 1, 'INVALID'", ", 2, 'WINNER'")
            .replace(
                "\"epoch\":0,\"allocation\":{\"a\":0.4,\"b\":0.4,",
                "\"epoch\":1,\"allocation\":{\"a\":0.8,"));
    execute(
        decision
            .formatted(2)
            .replace(", 1, 'INVALID'", ", 3, 'INVALID'")
            .replace("\"a\":0.4,\"b\":0.4", "\"a\":0.2,\"b\":0.6"));
    try (Statement statement = warehouse.connection().createStatement();
        ResultSet all =
            statement.executeQuery(
                "SELECT recipients, chi_square FROM sample_ratio_by_segment(experiment = 'ended')"
                    + " WHERE dimension = 'list'")) {
      assertThat(all.next()).isTrue();
      // 10,000 by halves, and of the later ones those with the arm that had a share.
      assertThat(all.getLong(1)).isBetween(12_400L, 12_600L);
      assertThat(all.getDouble(2)).isLessThan(1);
    }
  }

  @Test
  void whatIsUnknownHasNoDiagnosis() throws Exception {
    assertThat(SplitDiagnosis.of(warehouse.connection(), "it's unknown")).isEmpty();
  }
}
