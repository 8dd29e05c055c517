package io.heed.core.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.hours.StateHours;
import io.heed.core.model.Category;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Verdict;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The gate's verdicts over all hours, weekdays and states. */
class GateHoursTest {
  @Test
  void everyVerdictOfAWeekInEveryStateIsAsTheTableSays() {
    TestingGate gate = new TestingGate();
    LocalDateTime monday = LocalDateTime.parse("2026-08-03T00:00");
    assertThat(StateHours.ZONES).hasSize(56);
    StateHours.ZONES.forEach(
        (state, zone) -> {
          for (int quarter = 0; quarter < 7 * 24 * 4; quarter++) {
            LocalDateTime local = monday.plusMinutes(15L * quarter);
            LocalTime time = local.toLocalTime();
            boolean practice =
                !time.isBefore(LocalTime.of(9, 0)) && time.isBefore(LocalTime.of(20, 0));
            boolean allowed = practice && StateHours.allows(state, local, true);
            long at = local.atZone(ZoneId.of(zone)).toInstant().toEpochMilli();
            // Each is a recipient's first request: no cap is in the way.
            gate.state = null;
            gate.emitted.clear();
            assertThat(gate.request(request(state, zone, at)).verdict())
                .as("%s %s", state, local)
                .isEqualTo(allowed ? Verdict.ALLOW : Verdict.DEFER);
          }
        });
  }

  private static SendRequest request(String state, String zone, long at) {
    return new SendRequest(
        "e",
        at,
        TestingGate.RECIPIENT,
        "q",
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "US-" + state,
        zone,
        List.of());
  }
}
