package io.heed.core.hours;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberToTimeZonesMapper;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberType;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import io.heed.core.rules.Csv;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

/** Wherever in the world a recipient may be, a message is allowed by day only. */
class EverywhereTest {
  private static final QuietHours HOURS = new QuietHours();
  private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();
  private static final long QUARTER = 15 * 60_000L;

  /** Weeks that hold the changes to and from daylight-saving time, and one of winter. */
  private static final List<String> WEEKS = List.of("2026-03-06", "2026-10-30", "2026-01-12");

  private static final Map<String, List<ZoneId>> COUNTRIES = new TreeMap<>();

  static {
    for (CSVRecord row : Csv.rows(Regions.class, "country-zones.csv")) {
      COUNTRIES.put(
          row.get("country"),
          Arrays.stream(row.get("zones").split(" ", -1))
              .filter(ZoneId.getAvailableZoneIds()::contains)
              .map(ZoneId::of)
              .toList());
    }
  }

  @Test
  void everyZoneAlone() {
    for (String zone : ZoneId.getAvailableZoneIds()) {
      assertByDay(schedule("r", null, zone), List.of(ZoneId.of(zone)), zone);
    }
  }

  @Test
  void everyCountryAlone() {
    COUNTRIES.forEach(
        (country, zones) -> {
          // Its stations lie around the whole pole: no hour is day at all of them.
          boolean someHour = !country.equals("AQ");
          assertByDay(schedule("r", country, null), zones, country, someHour);
          assertByDay(schedule("r", country + "-X", null), List.of(), country + "-X", false);
        });
  }

  @Test
  void everyStateAlone() {
    for (CSVRecord row : Csv.rows(Regions.class, "regions.csv")) {
      assertByDay(schedule("r", row.get("region"), null), zones(row), row.get("region"), false);
      assertByDay(schedule("r", row.get("name"), null), List.of(), row.get("name"), false);
    }
  }

  @Test
  void everyAreaCode() {
    for (CSVRecord row : Csv.rows(Places.class, "area-codes.csv")) {
      String number = "+1" + row.get("area_code") + "5550123";
      assertByDay(schedule(number, null, null), zones(row), number, false);
    }
  }

  private static List<ZoneId> zones(CSVRecord row) {
    return Arrays.stream(row.get("zones").split(" ", -1)).map(ZoneId::of).toList();
  }

  @Test
  void everyNumber() {
    for (String country : NUMBERS.getSupportedRegions()) {
      for (String number : numbers(country)) {
        assertByDay(schedule(number, null, null), zonesOf(number, country), country + number);
      }
    }
  }

  /** A line that is fixed, a mobile one, and one of a prefix that nobody knows. */
  private static Set<String> numbers(String country) {
    Set<String> numbers = new TreeSet<>();
    for (PhoneNumberType type : List.of(PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)) {
      PhoneNumber example = NUMBERS.getExampleNumberForType(country, type);
      if (example != null) {
        numbers.add(NUMBERS.format(example, PhoneNumberFormat.E164));
      }
    }
    return numbers;
  }

  /**
   * What the library says of a number, within the number's country; the country's where it says
   * another's, as Bucharest of Libya's.
   */
  private static Collection<ZoneId> zonesOf(String number, String country) {
    List<ZoneId> zones =
        PhoneNumberToTimeZonesMapper.getInstance().getTimeZonesForNumber(parsed(number)).stream()
            .filter(ZoneId.getAvailableZoneIds()::contains)
            .map(ZoneId::of)
            .filter(
                zone -> COUNTRIES.get(country).stream().anyMatch(o -> Regions.sameClocks(o, zone)))
            .toList();
    return zones.isEmpty() ? COUNTRIES.get(country) : zones;
  }

  private static PhoneNumber parsed(String number) {
    try {
      return NUMBERS.parse(number, null);
    } catch (NumberParseException e) {
      throw new AssertionError(number, e);
    }
  }

  /** What is stated narrows or adds, and never lets a message through by night anywhere. */
  @Property(tries = 300)
  void numberRegionAndZoneTogether(
      @ForAll("countries") String home,
      @ForAll("countries") String region,
      @ForAll("zones") String zone) {
    String number = numbers(home).iterator().next();
    // With a subdivision, since a country's code alone may be a state's as well.
    Schedule schedule = schedule(number, region + "-X", zone);
    List<ZoneId> places = new ArrayList<>(List.of(ZoneId.of(zone)));
    List<ZoneId> known = new ArrayList<>(zonesOf(number, home));
    if (!number.startsWith("+1")) {
      // Countries that share a plan share the number's places.
      NUMBERS.getRegionCodesForCountryCode(NUMBERS.getCountryCodeForRegion(home)).stream()
          .filter(sharing -> NUMBERS.isValidNumberForRegion(parsed(number), sharing))
          .forEach(sharing -> known.addAll(zonesOf(number, sharing)));
    }
    if (!region.equals("US")) {
      known.addAll(COUNTRIES.get(region));
    }
    if (known.stream().noneMatch(each -> Regions.sameClocks(each, ZoneId.of(zone)))) {
      places.addAll(known);
    }
    assertByDay(schedule, places, number + " " + region + " " + zone, false);
  }

  @Provide
  Arbitrary<String> countries() {
    return Arbitraries.of(
        NUMBERS.getSupportedRegions().stream()
            .filter(country -> !numbers(country).isEmpty())
            .sorted()
            .toList());
  }

  @Provide
  Arbitrary<String> zones() {
    return Arbitraries.of(ZoneId.getAvailableZoneIds().stream().sorted().toList());
  }

  private static Schedule schedule(String recipient, String region, String zone) {
    return HOURS.of(recipient, region, zone, null, HOURS.countries(), Reading.STRICT);
  }

  private static void assertByDay(Schedule schedule, Collection<ZoneId> places, String what) {
    assertByDay(schedule, places, what, true);
  }

  private static void assertByDay(
      Schedule schedule, Collection<ZoneId> places, String what, boolean someHour) {
    for (String week : WEEKS) {
      long start = Instant.parse(week + "T00:00:00Z").toEpochMilli();
      boolean opened = false;
      for (int quarter = 0; quarter < 7 * 96; quarter++) {
        long at = start + quarter * QUARTER;
        if (!schedule.isOpen(at)) {
          continue;
        }
        opened = true;
        for (ZoneId place : places) {
          LocalTime local = Instant.ofEpochMilli(at).atZone(place).toLocalTime();
          assertThat(local)
              .as(what + " at " + Instant.ofEpochMilli(at))
              .isBetween(LocalTime.of(8, 0), LocalTime.of(21, 59, 59));
        }
      }
      assertThat(opened || !someHour).as(what + " has an hour in the week of " + week).isTrue();
    }
  }
}
