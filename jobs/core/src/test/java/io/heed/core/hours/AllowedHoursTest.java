package io.heed.core.hours;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The hours of every state against a table that is written down here a second time. */
class AllowedHoursTest {
  private static final QuietHours HOURS = new QuietHours();

  /** The law alone: no best practice narrows it. */
  private static final QuietHours.OwnHours ALL_DAY = new QuietHours.OwnHours(0, 24 * 60);

  static Stream<Arguments> states() {
    assertThat(StateHours.ZONES).hasSize(56);
    return StateHours.ZONES.keySet().stream()
        .flatMap(state -> Stream.of(Reading.values()).map(r -> Arguments.of(state, r)));
  }

  /** Every quarter of an hour of a week without a holiday. */
  @ParameterizedTest
  @MethodSource("states")
  void everyQuarterOfAWeekIsAsTheTableSays(String state, Reading reading) {
    String zone = StateHours.ZONES.get(state);
    Schedule law = schedule(state, ALL_DAY, reading);
    Schedule practice = schedule(state, null, reading);
    LocalDateTime monday = LocalDateTime.parse("2026-08-03T00:00");
    for (int quarter = 0; quarter < 7 * 24 * 4; quarter++) {
      LocalDateTime local = monday.plusMinutes(15L * quarter);
      boolean allowed = StateHours.allows(state, local, reading == Reading.STRICT);
      LocalTime time = local.toLocalTime();
      boolean usual = !time.isBefore(LocalTime.of(9, 0)) && time.isBefore(LocalTime.of(20, 0));
      assertThat(law.isOpen(at(local, zone))).as(state + " " + local).isEqualTo(allowed);
      assertThat(practice.isOpen(at(local, zone)))
          .as("best practice in " + state + " " + local)
          .isEqualTo(allowed && usual);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Common holidays, in the week and on a Sunday.
    "AL, 2026-12-25", "LA, 2026-12-25", "MS, 2026-12-25", "PA, 2026-12-25", "UT, 2026-12-25",
    "AL, 2028-07-04", "LA, 2028-07-04", "MS, 2028-07-04", "PA, 2028-07-04", "UT, 2028-07-04",
    "AL, 2026-11-26", "LA, 2026-11-26", "MS, 2026-11-26", "PA, 2026-11-26", "UT, 2026-11-26",
    "AL, 2025-01-01", "LA, 2025-01-01", "MS, 2025-01-01", "PA, 2025-01-01", "UT, 2025-01-01",
    // A state's own.
    "LA, 2027-02-09", "LA, 2027-03-26", "PA, 2027-03-26", "UT, 2026-07-24", "PA, 2027-06-14",
    "LA, 2028-11-01", "PA, 2026-11-03",
  })
  void stateHolidaysAreClosedAndTheDaysAroundThemOpen(String state, LocalDate holiday) {
    Schedule strict = schedule(state, null, Reading.STRICT);
    assertThat(openAtAnyTime(strict, state, holiday)).isFalse();
    assertThat(openAtAnyTime(schedule(state, null, Reading.SETTLED), state, holiday)).isTrue();
    for (LocalDate around : new LocalDate[] {holiday.minusDays(1), holiday.plusDays(1)}) {
      boolean sunday = around.getDayOfWeek() == DayOfWeek.SUNDAY;
      assertThat(openAtAnyTime(strict, state, around)).isEqualTo(!sunday || !neverOnSundays(state));
    }
  }

  @ParameterizedTest
  @CsvSource({"AL", "LA", "MS"})
  void sundaysAreClosedAndTheDaysAroundThemOpen(String state) {
    Schedule strict = schedule(state, null, Reading.STRICT);
    LocalDate sunday = LocalDate.parse("2026-08-09");
    assertThat(openAtAnyTime(strict, state, sunday.minusDays(1))).isTrue();
    assertThat(openAtAnyTime(strict, state, sunday)).isFalse();
    assertThat(openAtAnyTime(strict, state, sunday.plusDays(1))).isTrue();
    assertThat(openAtAnyTime(schedule(state, null, Reading.SETTLED), state, sunday)).isTrue();
  }

  private static boolean neverOnSundays(String state) {
    return Set.of("AL", "LA", "MS").contains(state);
  }

  private static boolean openAtAnyTime(Schedule schedule, String state, LocalDate day) {
    for (int hour = 0; hour < 24; hour++) {
      if (schedule.isOpen(at(day.atTime(hour, 0), StateHours.ZONES.get(state)))) {
        return true;
      }
    }
    return false;
  }

  @Test
  void holidaysOfAStateDoNotConcernAdjacentStates() {
    Schedule georgia = schedule("GA", null, Reading.STRICT);
    assertThat(openAtAnyTime(georgia, "GA", LocalDate.parse("2026-12-25"))).isTrue();
    assertThat(openAtAnyTime(georgia, "GA", LocalDate.parse("2026-08-09"))).isTrue();
  }

  @Test
  void franceIsClosedOnSundaysAndHolidaysUnderEitherReading() {
    for (Reading reading : Reading.values()) {
      Schedule france = HOURS.of("r", "FR", null, ALL_DAY, HOURS.countries(), reading);
      for (int hour = 0; hour < 24; hour++) {
        LocalTime time = LocalTime.of(hour, 0);
        assertThat(france.isOpen(at(LocalDate.parse("2026-03-03").atTime(time), "Europe/Paris")))
            .isEqualTo(hour >= 8 && hour < 22);
        assertThat(france.isOpen(at(LocalDate.parse("2026-03-01").atTime(time), "Europe/Paris")))
            .isFalse();
        assertThat(france.isOpen(at(LocalDate.parse("2026-07-14").atTime(time), "Europe/Paris")))
            .isFalse();
      }
    }
  }

  private static Schedule schedule(String state, QuietHours.OwnHours own, Reading reading) {
    return HOURS.of(
        "r", "US-" + state, StateHours.ZONES.get(state), own, HOURS.countries(), reading);
  }

  private static long at(LocalDateTime local, String zone) {
    return local.atZone(ZoneId.of(zone)).toInstant().toEpochMilli();
  }
}
