package io.heed.core.hours;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuietHoursTest {
  private static final long MINUTE = 60_000L;
  private static final Set<String> US = Set.of("US");

  // Costly to read, and not shared between threads here.
  private static final QuietHours HOURS = new QuietHours();

  private final Set<String> everywhere = HOURS.countries();

  @ParameterizedTest
  @CsvSource({
    // region, zone, local time, allowed
    "US-NY, America/New_York, 2026-03-03T08:59, false",
    "US-NY, America/New_York, 2026-03-03T09:00, true",
    "US-NY, America/New_York, 2026-03-03T19:59, true",
    "US-NY, America/New_York, 2026-03-03T20:00, false",
    "US-KY, America/New_York, 2026-03-03T09:30, false",
    "US-KY, America/New_York, 2026-03-03T10:00, true",
    "US-TX, America/Chicago, 2026-03-01T11:59, false",
    "US-TX, America/Chicago, 2026-03-01T12:00, true",
    "US-TX, America/Chicago, 2026-02-28T09:00, true",
    // El Paso lies in Mountain time: 19:30 there is 20:30 in Central time, within 21:00.
    "US-TX, America/Denver, 2026-02-28T19:30, true",
    "US-RI, America/New_York, 2026-03-03T17:59, true",
    "US-RI, America/New_York, 2026-03-03T18:00, false",
    "US-RI, America/New_York, 2026-02-28T17:00, false",
    "FR, Europe/Paris, 2026-03-03T12:00, true",
    "FR-75, Europe/Paris, 2026-03-01T12:00, false",
    "FR, Europe/Paris, 2026-07-14T12:00, false",
    "FR, Europe/Paris, 2026-04-06T12:00, false",
  })
  void keepsTheLocalHours(String region, String zone, String local, boolean allowed) {
    Schedule schedule = HOURS.of("r", region, zone, null, everywhere);
    assertThat(schedule.isOpen(at(local, zone))).isEqualTo(allowed);
  }

  @Test
  void texasKeepsCentralTimeBesidesTheRecipientsOwn() {
    QuietHours.OwnHours wide = new QuietHours.OwnHours(0, 24 * 60);
    Schedule schedule = HOURS.of("r", "US-TX", "America/Denver", wide, everywhere);
    assertThat(schedule.isOpen(at("2026-02-28T19:59", "America/Denver"))).isTrue();
    assertThat(schedule.isOpen(at("2026-02-28T20:00", "America/Denver"))).isFalse();
  }

  @Test
  void aNumberAndAStatedRegionBothCount() {
    // 305 is Miami: 20:30 there is closed, whatever region is stated.
    long evening = at("2026-03-03T17:30", "America/Los_Angeles");
    assertThat(HOURS.of("+13055550123", "US-CA", null, null, everywhere).isOpen(evening)).isFalse();
    assertThat(HOURS.of("r", "US-CA", null, null, everywhere).isOpen(evening)).isTrue();
  }

  @Test
  void aStatedZoneNarrowsTheZonesAndNotTheStates() {
    // Kentucky's 10:00 holds for a number of Louisville, wherever its owner is now.
    Schedule schedule = HOURS.of("+15025550123", null, "America/Los_Angeles", null, everywhere);
    assertThat(schedule.isOpen(at("2026-03-03T09:30", "America/Los_Angeles"))).isFalse();
    assertThat(schedule.isOpen(at("2026-03-03T10:00", "America/Los_Angeles"))).isTrue();
  }

  @Test
  void aForeignNumberKeepsItsCountrysHours() {
    Schedule schedule = HOURS.of("+33612345678", null, null, null, everywhere);
    assertThat(schedule.zones()).containsExactly(ZoneId.of("Europe/Paris"));
    assertThat(schedule.isOpen(at("2026-03-01T12:00", "Europe/Paris"))).isFalse();
    assertThat(HOURS.of("+442071234567", null, null, null, everywhere).zones())
        .contains(ZoneId.of("Europe/London"));
  }

  @Test
  void withoutAnyInformationAllRulesHoldAtOnce() {
    Schedule anywhere = HOURS.of("r", null, null, null, everywhere);
    long open = anywhere.nextOpen(at("2026-03-03T00:00", "America/New_York"));
    assertThat(open).isNotEqualTo(Schedule.NEVER);
    // The west coast has just begun its day, and Paris has not yet ended it.
    assertThat(open).isEqualTo(at("2026-03-03T09:00", "America/Los_Angeles"));
    assertThat(anywhere.isOpen(at("2026-03-01T14:30", "America/New_York"))).isFalse();
    assertThat(
            HOURS.of("r", null, null, null, US).isOpen(at("2026-03-01T14:30", "America/New_York")))
        .isTrue();
  }

  @Test
  void whatNobodyKnowsIsNoZoneAndNoNumber() {
    long noon = at("2026-03-03T12:00", "America/New_York");
    assertThat(HOURS.of("+", "US-NY", "Mars/Olympus", null, everywhere).isOpen(noon)).isTrue();
    assertThat(HOURS.of("+18005550123", "US-NY", null, null, everywhere).isOpen(noon)).isTrue();
  }

  @Test
  void endsOfHoursBoundAnAnswer() {
    Schedule schedule = HOURS.of("r", "US-NY", "America/New_York", null, everywhere);
    long at = at("2026-03-03T19:55", "America/New_York");
    assertThat(schedule.closes(at, at + 10 * MINUTE)).isEqualTo(at + 5 * MINUTE);
    assertThat(schedule.closes(at - 10 * MINUTE, at)).isEqualTo(at);
  }

  /** Around changes of offset, ends of years and odd offsets; hours that such changes cut. */
  @Property(tries = 120)
  void nextOpenAndClosesAgreeWithLookingAtEveryMinute(
      @ForAll("zones") String zone,
      @ForAll("moments") String moment,
      @ForAll("regions") String region,
      @ForAll @IntRange(min = -2000, max = 2000) int minutes,
      @ForAll @IntRange(min = 0, max = 47) int from,
      @ForAll @IntRange(min = 1, max = 48) int to) {
    QuietHours.OwnHours own =
        from < to ? new QuietHours.OwnHours(from * 30, to * 30) : new QuietHours.OwnHours(120, 180);
    Schedule schedule = HOURS.of("r", region, zone, own, everywhere);
    long start = Instant.parse(moment).toEpochMilli() + minutes * MINUTE;
    long next = schedule.nextOpen(start);
    long looked = start;
    while (looked < start + 4 * 1440 * MINUTE
        && !openByClock(schedule, own, region, zone, looked)) {
      looked += MINUTE;
    }
    if (looked < start + 4 * 1440 * MINUTE) {
      assertThat(next).isEqualTo(looked);
      long limit = looked + 1500 * MINUTE;
      long end = looked;
      while (end < limit && openByClock(schedule, own, region, zone, end)) {
        end += MINUTE;
      }
      assertThat(schedule.closes(looked, limit)).isEqualTo(end);
    } else {
      assertThat(next).isGreaterThanOrEqualTo(looked);
    }
  }

  /** What a person reads off a clock on the wall and a calendar. */
  private static boolean openByClock(
      Schedule schedule, QuietHours.OwnHours own, String region, String zone, long at) {
    ZonedDateTime local = Instant.ofEpochMilli(at).atZone(ZoneId.of(zone));
    int minute = local.getHour() * 60 + local.getMinute();
    boolean open = minute >= own.fromMinute() && minute < own.toMinute();
    if (region.startsWith("US")) {
      open &= minute >= 8 * 60 && minute < 21 * 60;
    }
    if (region.equals("US-FL")) {
      open &= minute < 20 * 60;
    }
    if (region.equals("US-RI")) {
      open &=
          local.getDayOfWeek().getValue() < 6
              ? minute >= 9 * 60 && minute < 18 * 60
              : minute >= 10 * 60 && minute < 17 * 60;
    }
    assertThat(schedule.isOpen(at)).isEqualTo(open);
    return open;
  }

  @Provide
  Arbitrary<String> zones() {
    return Arbitraries.of(
        "America/New_York",
        "America/Chicago",
        "America/St_Johns",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Europe/Paris",
        "Africa/Casablanca",
        "Etc/GMT+5");
  }

  @Provide
  Arbitrary<String> moments() {
    return Arbitraries.of(
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-12-31T23:59:00Z",
        "2027-01-01T05:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2024-02-29T12:00:00Z",
        "2011-12-30T10:00:00Z");
  }

  @Provide
  Arbitrary<String> regions() {
    return Arbitraries.of("US-NY", "US-FL", "US-RI", "GB");
  }

  @Test
  void tenBusinessDaysLeaveOutWeekendsAndFederalHolidays() {
    // 2026-11-20 is a Friday; Thanksgiving is the 26th.
    assertThat(BusinessDays.honourBy(at("2026-11-20T15:30", "UTC")))
        .isEqualTo(at("2026-12-07T15:30", "UTC"));
    // Christmas 2027 falls on a Saturday and is kept on Friday; New Year's Day 2028 likewise.
    assertThat(BusinessDays.honourBy(at("2027-12-20T00:00", "UTC")))
        .isEqualTo(at("2028-01-05T00:00", "UTC"));
    assertThat(BusinessDays.honourBy(at("2026-03-07T09:00", "UTC")))
        .isEqualTo(at("2026-03-20T09:00", "UTC"));
  }

  private static long at(String local, String zone) {
    return LocalDateTime.parse(local).atZone(ZoneId.of(zone)).toInstant().toEpochMilli();
  }
}
