package io.heed.core.hours;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberToTimeZonesMapper;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import io.heed.core.rules.Csv;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/**
 * Where a recipient may be: pairs of time zone and region, from what is stated and what the number
 * says. A stated region and the number's are united, since people move and keep their number; a
 * stated time zone takes the place of the zones, not of the regions. Safe for concurrent use.
 */
final class Places {
  /**
   * One place.
   *
   * @param region ISO 3166-2 code or country; null: any
   */
  record Place(ZoneId zone, String region) {}

  private static final String NO_ZONE = PhoneNumberToTimeZonesMapper.getUnknownTimeZone();

  private final Map<String, List<ZoneId>> zonesByRegion = new LinkedHashMap<>();
  private final Set<String> assumed = new LinkedHashSet<>();
  private final Map<String, CSVRecord> byAreaCode = new HashMap<>();

  Places() {
    for (CSVRecord row : Csv.rows(Places.class, "regions.csv")) {
      zonesByRegion.put(row.get("region"), zones(row));
      if (row.get("assumed").equals("yes")) {
        assumed.add(row.get("region"));
      }
    }
    for (CSVRecord row : Csv.rows(Places.class, "area-codes.csv")) {
      byAreaCode.put(row.get("area_code"), row);
    }
  }

  /** The countries in which a recipient of whom nothing is known is assumed. */
  Set<String> countries() {
    Set<String> countries = new LinkedHashSet<>();
    assumed.forEach(region -> countries.add(country(region)));
    return countries;
  }

  /** The country of a region. */
  static String country(String region) {
    int hyphen = region.indexOf('-');
    return hyphen < 0 ? region : region.substring(0, hyphen);
  }

  /**
   * Every place where the recipient may be; at least one.
   *
   * @param number E.164, or any other id, which says nothing
   * @param region stated region, or null
   * @param timeZone stated time zone, or null; one that nobody knows is none
   * @param countries where a recipient without a known region is assumed
   */
  Set<Place> of(String number, String region, String timeZone, Set<String> countries) {
    Map<String, Set<ZoneId>> found = new LinkedHashMap<>();
    if (region != null) {
      found.put(region, new LinkedHashSet<>(zonesOf(region)));
    }
    addNumber(number, found);
    ZoneId stated = zone(timeZone);
    Set<Place> places = new LinkedHashSet<>();
    if (stated != null) {
      found.keySet().forEach(known -> places.add(new Place(stated, known)));
      if (places.isEmpty()) {
        places.add(new Place(stated, null));
      }
      return places;
    }
    found.forEach(
        (known, zones) -> {
          Set<ZoneId> all = zones.isEmpty() ? assumedZones(countries) : zones;
          all.forEach(zone -> places.add(new Place(zone, known)));
        });
    if (places.isEmpty()) {
      for (String anywhere : assumed) {
        if (countries.contains(country(anywhere))) {
          zonesByRegion.get(anywhere).forEach(zone -> places.add(new Place(zone, anywhere)));
        }
      }
    }
    return places;
  }

  private Set<ZoneId> assumedZones(Set<String> countries) {
    Set<ZoneId> zones = new LinkedHashSet<>();
    for (String region : assumed) {
      if (countries.contains(country(region))) {
        zones.addAll(zonesByRegion.get(region));
      }
    }
    return zones;
  }

  private List<ZoneId> zonesOf(String region) {
    List<ZoneId> own = zonesByRegion.get(region);
    return own != null ? own : zonesByRegion.getOrDefault(country(region), List.of());
  }

  private void addNumber(String number, Map<String, Set<ZoneId>> found) {
    if (!number.startsWith("+")) {
      return;
    }
    if (number.startsWith("+1") && number.length() == 12) {
      CSVRecord row = byAreaCode.get(number.substring(2, 5));
      if (row != null) {
        found.computeIfAbsent(row.get("region"), r -> new LinkedHashSet<>()).addAll(zones(row));
        return;
      }
    }
    try {
      PhoneNumber parsed = PhoneNumberUtil.getInstance().parse(number, null);
      String country = PhoneNumberUtil.getInstance().getRegionCodeForNumber(parsed);
      if (country != null && !country.equals("001") && !country.equals("US")) {
        Set<ZoneId> zones = found.computeIfAbsent(country, c -> new LinkedHashSet<>());
        for (String id : PhoneNumberToTimeZonesMapper.getInstance().getTimeZonesForNumber(parsed)) {
          ZoneId zone = id.equals(NO_ZONE) ? null : zone(id);
          if (zone != null) {
            zones.add(zone);
          }
        }
      }
    } catch (NumberParseException e) {
      // Not a number: it says nothing about the place.
    }
  }

  private static List<ZoneId> zones(CSVRecord row) {
    List<ZoneId> zones = new ArrayList<>();
    for (String id : row.get("zones").split(" ", -1)) {
      zones.add(ZoneId.of(id));
    }
    return zones;
  }

  private static ZoneId zone(String id) {
    try {
      return id == null ? null : ZoneId.of(id);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
