package io.heed.core.hours;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    Schedule schedule = HOURS.of("r", region, zone, null, everywhere, Reading.STRICT);
    assertThat(schedule.isOpen(at(local, zone))).isEqualTo(allowed);
  }

  @Test
  void texasKeepsCentralTimeBesidesTheRecipientsOwn() {
    QuietHours.OwnHours wide = new QuietHours.OwnHours(0, 24 * 60);
    Schedule schedule = HOURS.of("r", "US-TX", "America/Denver", wide, everywhere, Reading.STRICT);
    assertThat(schedule.isOpen(at("2026-02-28T19:59", "America/Denver"))).isTrue();
    assertThat(schedule.isOpen(at("2026-02-28T20:00", "America/Denver"))).isFalse();
  }

  @Test
  void aNumberAndAStatedRegionBothCount() {
    // 305 is Miami: 20:30 there is closed, whatever region is stated.
    long evening = at("2026-03-03T17:30", "America/Los_Angeles");
    assertThat(
            HOURS
                .of("+13055550123", "US-CA", null, null, everywhere, Reading.STRICT)
                .isOpen(evening))
        .isFalse();
    assertThat(HOURS.of("r", "US-CA", null, null, everywhere, Reading.STRICT).isOpen(evening))
        .isTrue();
  }

  @Test
  void aStatedZoneNarrowsTheZonesAndNotTheStates() {
    // Kentucky's 10:00 holds for a number of Louisville, wherever its owner is now.
    Schedule schedule =
        HOURS.of("+15025550123", null, "America/Los_Angeles", null, everywhere, Reading.STRICT);
    assertThat(schedule.isOpen(at("2026-03-03T09:30", "America/Los_Angeles"))).isFalse();
    assertThat(schedule.isOpen(at("2026-03-03T10:00", "America/Los_Angeles"))).isTrue();
  }

  @Test
  void aForeignNumberKeepsItsCountrysHours() {
    Schedule schedule = HOURS.of("+33612345678", null, null, null, everywhere, Reading.STRICT);
    assertThat(schedule.zones()).containsExactly(ZoneId.of("Europe/Paris"));
    assertThat(schedule.isOpen(at("2026-03-01T12:00", "Europe/Paris"))).isFalse();
    assertThat(HOURS.of("+442071234567", null, null, null, everywhere, Reading.STRICT).zones())
        .contains(ZoneId.of("Europe/London"));
  }

  @Test
  void withoutAnyInformationAllRulesHoldAtOnce() {
    Schedule anywhere = HOURS.of("r", null, null, null, everywhere, Reading.STRICT);
    long open = anywhere.nextOpen(at("2026-03-03T00:00", "America/New_York"));
    assertThat(open).isNotEqualTo(Schedule.NEVER);
    // The west coast has just begun its day, and Paris has not yet ended it.
    assertThat(open).isEqualTo(at("2026-03-03T09:00", "America/Los_Angeles"));
    assertThat(anywhere.isOpen(at("2026-03-01T14:30", "America/New_York"))).isFalse();
    // On Sundays some state is closed by the strict reading, none by what is settled.
    long sunday = at("2026-03-01T14:30", "America/New_York");
    assertThat(HOURS.of("r", null, null, null, US, Reading.STRICT).isOpen(sunday)).isFalse();
    assertThat(HOURS.of("r", null, null, null, US, Reading.SETTLED).isOpen(sunday)).isTrue();
  }

  @Test
  void whatNobodyKnowsIsNoZoneAndNoNumber() {
    long noon = at("2026-03-03T12:00", "America/New_York");
    assertThat(
            HOURS.of("+", "US-NY", "Mars/Olympus", null, everywhere, Reading.STRICT).isOpen(noon))
        .isTrue();
    assertThat(
            HOURS.of("+18005550123", "US-NY", null, null, everywhere, Reading.STRICT).isOpen(noon))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "GB, Europe/London, 2026-11-10T00:30, false",
    "GB, Europe/London, 2026-11-10T09:00, true",
    "IN-MH, Asia/Kolkata, 2026-11-10T23:30, false",
    "IN-MH, Asia/Kolkata, 2026-11-10T19:59, true",
    "DE, Europe/Berlin, 2026-11-10T00:15, false",
    "DE, Europe/Berlin, 2026-11-10T10:00, true",
    "AU, Australia/Perth, 2026-11-10T08:59, false",
    "CA-ON, America/Toronto, 2026-11-10T15:00, true",
  })
  void aRegionElsewhereKeepsItsOwnClocks(String region, String zone, String local, boolean open) {
    Schedule schedule = HOURS.of("r", region, null, null, everywhere, Reading.STRICT);
    assertThat(schedule.isOpen(at(local, zone))).isEqualTo(open);
    assertThat(schedule.misread()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "us-fl, US-FL",
    "FL, US-FL",
    "Florida, US-FL",
    "US_FL, US-FL",
    "US FL, US-FL",
    "US-Florida, US-FL",
    "TX, US-TX",
    "RI, US-RI",
    "new york, US-NY",
    "D.C., US-DC",
    "PR, US-PR",
    "United States, US",
    "usa, US",
    "uk, GB",
    "Germany, DE",
    "fr-75, FR-75",
    // A code that a country and a state share is the country's, by ISO 3166.
    "DE, DE",
    "IN, IN",
    "CA, CA",
    "IL, IL",
    // Not understood: no state, no country, or the name of both.
    "US-ZZ,",
    "ZZ,",
    "Georgia,",
    "somewhere,",
    "-,",
    "US-,",
  })
  void readsRegionsAsPeopleWriteThem(String written, String region) {
    assertThat(new Regions().parse(written, false)).isEqualTo(region);
  }

  @Test
  void aSharedCodeIsTheStatesWhereTheNumberOrTheZoneSaysSo() {
    assertThat(new Regions().parse("IL", true)).isEqualTo("US-IL");
    assertThat(new Regions().parse("Georgia", true)).isEqualTo("US-GA");
    assertThat(new Regions().parse("GB", true)).isEqualTo("GB");
    Schedule schedule = HOURS.of("r", "IL", "America/Chicago", null, everywhere, Reading.STRICT);
    assertThat(schedule.mayBeIn("US-IL")).isTrue();
  }

  @Test
  void anUnknownRegionIsAsGoodAsNoneAndSwitchesNoLawOff() {
    Schedule unknown = HOURS.of("r", "Atlantis", null, null, US, Reading.STRICT);
    Schedule none = HOURS.of("r", null, null, null, US, Reading.STRICT);
    assertThat(unknown.misread()).isTrue();
    assertThat(none.misread()).isFalse();
    assertThat(unknown.mayBeIn("US-FL")).isTrue();
    long start = at("2026-03-02T00:00", "UTC");
    for (int quarter = 0; quarter < 7 * 96; quarter++) {
      long at = start + 15 * MINUTE * quarter;
      assertThat(unknown.isOpen(at)).isEqualTo(none.isOpen(at));
    }
  }

  @Test
  void aStatedZoneNeverReplacesWhatTheNumberSays() {
    Schedule schedule = HOURS.of("+12125550181", null, "UTC", null, everywhere, Reading.STRICT);
    assertThat(schedule.isOpen(at("2026-11-10T04:30", "America/New_York"))).isFalse();
    assertThat(schedule.isOpen(at("2026-11-10T12:00", "America/New_York"))).isTrue();
  }

  @Test
  void aZoneAloneKeepsTheBestPracticeThere() {
    Schedule kolkata = HOURS.of("r", null, "Asia/Kolkata", null, everywhere, Reading.STRICT);
    for (int hour = 0; hour < 24; hour++) {
      long at = at("2026-11-08T%02d:00".formatted(hour), "Asia/Kolkata");
      assertThat(kolkata.isOpen(at)).isEqualTo(hour >= 9 && hour < 20);
    }
    // In a country with rules all of its states' hours hold: Kentucky's from 10, Rhode Island's.
    Schedule eastern = HOURS.of("r", null, "America/New_York", null, everywhere, Reading.STRICT);
    for (int hour = 0; hour < 24; hour++) {
      long at = at("2026-11-10T%02d:00".formatted(hour), "America/New_York");
      assertThat(eastern.isOpen(at)).isEqualTo(hour >= 10 && hour < 18);
    }
    assertThat(eastern.mayBeIn("US-FL")).isTrue();
  }

  @Test
  void aNumberOfManyCountriesKeepsItsOwn() {
    Schedule trinidad = HOURS.of("+18685550147", null, null, null, everywhere, Reading.STRICT);
    for (int hour = 0; hour < 24; hour++) {
      long at = at("2026-11-10T%02d:00".formatted(hour), "America/Port_of_Spain");
      assertThat(trinidad.isOpen(at)).isEqualTo(hour >= 9 && hour < 20);
    }
  }

  @Test
  void endsOfHoursBoundAReading() {
    Schedule schedule =
        HOURS.of("r", "US-NY", "America/New_York", null, everywhere, Reading.STRICT);
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
    Schedule schedule = HOURS.of("r", region, zone, own, everywhere, Reading.STRICT);
    List<String> zones = new ArrayList<>(ZONES.getOrDefault(region, List.of()));
    if (zones.contains(zone) || zones.isEmpty()) {
      zones.clear();
    }
    zones.add(zone);
    long start = Instant.parse(moment).toEpochMilli() + minutes * MINUTE;
    long next = schedule.nextOpen(start);
    long previous = start;
    while (previous < start + 4 * 1440 * MINUTE
        && !openByClock(schedule, own, region, zones, previous)) {
      previous += MINUTE;
    }
    if (previous < start + 4 * 1440 * MINUTE) {
      assertThat(next).isEqualTo(previous);
      long limit = previous + 1500 * MINUTE;
      long end = previous;
      while (end < limit && openByClock(schedule, own, region, zones, end)) {
        end += MINUTE;
      }
      assertThat(schedule.closes(previous, limit)).isEqualTo(end);
    } else {
      assertThat(next).isGreaterThanOrEqualTo(previous);
    }
  }

  private static final Map<String, List<String>> ZONES =
      Map.of(
          "US-NY", List.of("America/New_York"),
          "US-FL", List.of("America/New_York", "America/Chicago"),
          "US-RI", List.of("America/New_York"),
          "GB", List.of("Europe/London"));

  /** What a person reads off the clocks on the wall and a calendar: all of them must allow it. */
  private static boolean openByClock(
      Schedule schedule, QuietHours.OwnHours own, String region, List<String> zones, long at) {
    boolean open = true;
    for (String zone : zones) {
      ZonedDateTime local = Instant.ofEpochMilli(at).atZone(ZoneId.of(zone));
      int minute = local.getHour() * 60 + local.getMinute();
      open &= minute >= own.fromMinute() && minute < own.toMinute();
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
