package io.heed.core.hours;

import io.heed.core.rules.Csv;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVRecord;

/**
 * The regions of the world: their zones, by {@code regions.csv} and {@code country-zones.csv}, and
 * their names as people write them. Immutable.
 */
final class Regions {
  private static final String STATES_OF = "US";

  /** Territories that have a country's code as well as a state's. */
  private static final Set<String> TERRITORIES = Set.of("PR", "VI", "GU", "MP", "AS");

  private static final Pattern SUBDIVISION = Pattern.compile("([A-Z]{2})-([A-Z0-9]{1,3})");

  /** An instant by which two zones are compared: past the changes that are history. */
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Map<String, List<ZoneId>> zones = new LinkedHashMap<>();
  private final Set<String> assumed = new LinkedHashSet<>();
  private final Map<String, List<String>> parts = new HashMap<>();
  private final Map<String, String> stateByName = new HashMap<>();
  private final Map<String, String> countryByName = new HashMap<>();
  private final Map<String, String> countryByZone = new HashMap<>();
  private final Map<String, String> zoneIds = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  Regions() {
    ZoneId.getAvailableZoneIds().forEach(id -> zoneIds.put(id, id));
    for (CSVRecord row : Csv.rows(Regions.class, "country-zones.csv")) {
      String country = row.get("country");
      zones.put(country, zones(row));
      zones.get(country).forEach(zone -> countryByZone.put(zone.getId(), country));
    }
    for (String country : Locale.getISOCountries()) {
      if (zones.containsKey(country)) {
        Locale locale = new Locale("", country);
        String name = locale.getDisplayCountry(Locale.ENGLISH).toUpperCase(Locale.ROOT);
        countryByName.put(name, country);
        countryByName.put(locale.getISO3Country(), country);
      }
    }
    countryByName.put("UK", "GB");
    for (CSVRecord row : Csv.rows(Regions.class, "regions.csv")) {
      String region = row.get("region");
      zones.put(region, zones(row));
      if (row.get("assumed").equals("yes")) {
        assumed.add(region);
      }
      if (!country(region).equals(region)) {
        parts.computeIfAbsent(country(region), c -> new ArrayList<>()).add(region);
        stateByName.put(row.get("name").toUpperCase(Locale.ROOT), region);
      }
    }
  }

  /** The zones in a row of data. */
  List<ZoneId> zones(CSVRecord row) {
    List<ZoneId> found = new ArrayList<>();
    for (String id : row.get("zones").split(" ", -1)) {
      // The data may be newer than the JDK.
      if (zoneIds.containsKey(id)) {
        found.add(ZoneId.of(id));
      }
    }
    return found;
  }

  /** The country of a region. */
  static String country(String region) {
    int hyphen = region.indexOf('-');
    return hyphen < 0 ? region : region.substring(0, hyphen);
  }

  /** The regions in which a recipient of whom nothing is known may be. */
  Set<String> assumed() {
    return assumed;
  }

  /** The states of a country, where the rules distinguish them; else empty. */
  List<String> partsOf(String country) {
    return parts.getOrDefault(country, List.of());
  }

  /** Whether a region is a territory, which has a country's code as well as a state's. */
  boolean isTerritory(String region) {
    return region.startsWith(STATES_OF + "-") && TERRITORIES.contains(region.substring(3));
  }

  /** The zones of a region, or of its country; empty for one that the data does not have. */
  List<ZoneId> zonesOf(String region) {
    List<ZoneId> own = zones.get(region);
    return own != null ? own : zones.getOrDefault(country(region), List.of());
  }

  /**
   * Reads a region as people write it: a code in any case, with a hyphen or an underscore, the code
   * of a state alone where no country has it, a name in English.
   *
   * @param american whether something else says that the recipient is in the United States: then a
   *     code or name that a country and a state share is the state's, else the country's code and
   *     nobody's name
   * @return ISO 3166-2 code or country; null if it is not understood
   */
  String parse(String text, boolean american) {
    if (text == null) {
      return null;
    }
    String name = text.strip().toUpperCase(Locale.ROOT).replace(".", "").replace('_', '-');
    String code = name.startsWith(STATES_OF + " ") ? name.replace(' ', '-') : name;
    Matcher subdivision = SUBDIVISION.matcher(code);
    if (subdivision.matches()) {
      boolean known = partsOf(subdivision.group(1)).isEmpty() || zones.containsKey(code);
      return known && zones.containsKey(subdivision.group(1)) ? code : null;
    }
    String state = STATES_OF + "-" + code;
    boolean isState = zones.containsKey(state);
    if (code.length() == 2 && (isState || zones.containsKey(code))) {
      boolean isOnlyState = TERRITORIES.contains(code) || !zones.containsKey(code);
      return isState && (american || isOnlyState) ? state : code;
    }
    if (name.startsWith(STATES_OF + "-")) {
      return stateByName.get(name.substring(3));
    }
    String byName = stateByName.get(name);
    String country = countryByName.get(name);
    if (byName != null && country != null && !byName.equals(STATES_OF + "-" + country)) {
      return american ? byName : null;
    }
    return byName != null ? byName : country;
  }

  /**
   * The state that has the same code as a country: what was read as the country's may have been
   * meant as the state's.
   *
   * @param region what {@link #parse} made of the text
   * @return null where there is none
   */
  String stateSharing(String text, String region) {
    boolean country = region != null && region.length() == 2 && text.strip().length() == 2;
    String state = STATES_OF + "-" + region;
    return country && zones.containsKey(state) ? state : null;
  }

  /** A zone by its id in any case, or an offset; null for one that the JDK does not know. */
  ZoneId zone(String id) {
    try {
      return id == null ? null : ZoneId.of(zoneIds.getOrDefault(id.strip(), id.strip()));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /**
   * The region of a zone: its country, or the territory. An id that the data does not have, such as
   * an alias, is of a country with rules if its clocks are those of a zone there.
   *
   * @return null for a zone of no country, or of one without rules whose id is an alias
   */
  String regionOf(ZoneId zone) {
    String country = countryByZone.get(zone.getId());
    if (country != null) {
      return TERRITORIES.contains(country) ? STATES_OF + "-" + country : country;
    }
    for (String region : assumed) {
      if (zonesOf(region).stream().anyMatch(own -> sameClocks(own, zone))) {
        return country(region);
      }
    }
    return null;
  }

  /** Whether the clocks of two zones agree, now and by the rules for years to come. */
  static boolean sameClocks(ZoneId one, ZoneId other) {
    return one.equals(other)
        || (one.getRules().getOffset(NOW).equals(other.getRules().getOffset(NOW))
            && one.getRules().getTransitionRules().equals(other.getRules().getTransitionRules()));
  }
}
