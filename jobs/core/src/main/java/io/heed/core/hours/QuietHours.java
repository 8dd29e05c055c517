package io.heed.core.hours;

import io.heed.core.hours.Places.Place;
import io.heed.core.hours.Places.Whereabouts;
import io.heed.core.hours.Schedule.Clock;
import io.heed.core.rules.Csv;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/**
 * The hours in which promotional messages are allowed, by {@code allowed-hours.csv}: what the law
 * says where a recipient may be, and the best practice or a policy's own hours. Schedules are kept,
 * so that a recipient's place is worked out once. Not safe for concurrent use.
 */
public final class QuietHours {
  private static final String ANYWHERE = "*";
  private static final int MAX_SCHEDULES = 10_000;

  /** Hours of a policy in place of the best practice: minutes of the local day, to exclusive. */
  public record OwnHours(int fromMinute, int toMinute) {}

  private record Key(
      String number, String region, String timeZone, OwnHours own, Reading reading) {}

  private record Law(HoursRule rule, Set<ZoneId> alsoZones) {}

  private final Places places = new Places();
  private final Map<Reading, Map<String, Law>> laws = new EnumMap<>(Reading.class);

  /** By the set of countries itself, for to hash its names would cost more than all the rest. */
  private final IdentityHashMap<Set<String>, Map<Key, Schedule>> schedules =
      new IdentityHashMap<>();

  private int size;

  /** Reads the data files. */
  public QuietHours() {
    Map<String, List<CSVRecord>> byRegion = new LinkedHashMap<>();
    for (CSVRecord row : Csv.rows(QuietHours.class, "allowed-hours.csv")) {
      byRegion.computeIfAbsent(row.get("region"), r -> new ArrayList<>()).add(row);
    }
    for (Reading reading : Reading.values()) {
      Map<String, Law> held = new LinkedHashMap<>();
      byRegion.forEach((region, rows) -> held.put(region, law(region, rows, reading)));
      laws.put(reading, held);
    }
  }

  /** The countries in which a recipient of whom nothing is known is assumed. */
  public Set<String> countries() {
    return places.countries();
  }

  /**
   * The hours of a recipient.
   *
   * @param recipientId a number in E.164, or any other id
   * @param region stated region, or null
   * @param timeZone stated time zone, or null
   * @param own a policy's hours, or null for the best practice
   * @param countries where a recipient without a known region is assumed
   * @param reading which laws hold
   */
  public Schedule of(
      String recipientId,
      String region,
      String timeZone,
      OwnHours own,
      Set<String> countries,
      Reading reading) {
    String number = recipientId.startsWith("+") ? significant(recipientId) : "";
    Key key = new Key(number, region, timeZone, own, reading);
    Map<Key, Schedule> inThem = schedules.get(countries);
    Schedule known = inThem == null ? null : inThem.get(key);
    if (known != null) {
      return known;
    }
    Schedule schedule =
        schedule(places.of(recipientId, region, timeZone, countries), own, laws.get(reading));
    if (size++ >= MAX_SCHEDULES) {
      schedules.clear();
      size = 0;
    }
    schedules.computeIfAbsent(countries, c -> new HashMap<>()).put(key, schedule);
    return schedule;
  }

  /** What of a number decides about its place: the area code where the data has it, else all. */
  private static String significant(String number) {
    return number.startsWith("+1") && number.length() == 12 ? number.substring(0, 5) : number;
  }

  private static Schedule schedule(Whereabouts whereabouts, OwnHours own, Map<String, Law> laws) {
    Set<Clock> clocks = new LinkedHashSet<>();
    Set<ZoneId> zones = new LinkedHashSet<>();
    Set<String> regions = new LinkedHashSet<>();
    HoursRule custom =
        own == null
            ? laws.get(ANYWHERE).rule()
            : HoursRule.everyDay(own.fromMinute(), own.toMinute());
    for (Place place : whereabouts.places()) {
      zones.add(place.zone());
      clocks.add(new Clock(place.zone(), custom));
      if (place.region() != null) {
        regions.add(place.region());
        addLaws(place, laws, clocks);
      }
    }
    if (whereabouts.sharing() != null) {
      // Clocks are the country's, but no limit on messages is switched off by a code that is both.
      regions.add(whereabouts.sharing());
    }
    return new Schedule(clocks, zones, regions, whereabouts.misread());
  }

  private static void addLaws(Place place, Map<String, Law> laws, Set<Clock> clocks) {
    String country = Regions.country(place.region());
    boolean anyState = country.equals(place.region());
    laws.forEach(
        (region, law) -> {
          boolean own = region.equals(place.region());
          if (own || region.equals(country) || (anyState && region.startsWith(country + "-"))) {
            clocks.add(new Clock(place.zone(), law.rule()));
            if (own) {
              // Texas keeps Central time for Texans, not for everybody who may be one.
              law.alsoZones().forEach(zone -> clocks.add(new Clock(zone, law.rule())));
            }
          }
        });
  }

  private static Law law(String region, List<CSVRecord> rows, Reading reading) {
    List<HoursRule.Row> rules = new ArrayList<>();
    Set<ZoneId> alsoZones = new LinkedHashSet<>();
    for (CSVRecord row : rows) {
      if (Reading.valueOf(row.get("reading").toUpperCase(Locale.ROOT)).compareTo(reading) < 0) {
        continue;
      }
      boolean never = row.get("from").isEmpty();
      rules.add(
          new HoursRule.Row(
              HoursRule.weekdays(row.get("days")),
              never ? 0 : HoursRule.minute(row.get("from")),
              never ? 0 : HoursRule.minute(row.get("to")),
              HoursRule.day(row.get("effective_from"), Long.MIN_VALUE),
              HoursRule.day(row.get("effective_to"), Long.MAX_VALUE)));
      if (!row.get("also_zone").isEmpty()) {
        alsoZones.add(ZoneId.of(row.get("also_zone")));
      }
    }
    Set<Long> holidays = Holidays.of(region);
    return new Law(
        new HoursRule(rules, holidays.isEmpty() ? Holidays.of(Regions.country(region)) : holidays),
        alsoZones);
  }
}
