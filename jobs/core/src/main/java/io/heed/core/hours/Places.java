package io.heed.core.hours;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberToTimeZonesMapper;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import io.heed.core.rules.Csv;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/**
 * Where a recipient may be: pairs of time zone and region, from what is stated and what the number
 * says. A stated region and the number's are united, since people move and keep their number. A
 * stated time zone that one of them has narrows the zones, not the regions; one that none of them
 * has is one more zone, since either may be true. Safe for concurrent use.
 */
final class Places {
  /**
   * One place.
   *
   * @param region ISO 3166-2 code; a country alone stands for all of its states; null: a country
   *     without rules
   */
  record Place(ZoneId zone, String region) {}

  /**
   * What is known of where a recipient is.
   *
   * @param places at least one
   * @param sharing the state whose code was stated where a country has it, too; null for none
   * @param misread a region or a zone was stated that is not understood, and was left out
   */
  record Whereabouts(Set<Place> places, String sharing, boolean misread) {}

  private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();

  private static final int NORTH_AMERICA = 1;

  private final Regions regions = new Regions();
  private final Map<String, CSVRecord> byAreaCode = new HashMap<>();

  Places() {
    for (CSVRecord row : Csv.rows(Places.class, "area-codes.csv")) {
      byAreaCode.put(row.get("area_code"), row);
    }
  }

  /** The countries in which a recipient of whom nothing is known is assumed. */
  Set<String> countries() {
    Set<String> countries = new LinkedHashSet<>();
    regions.assumed().forEach(region -> countries.add(Regions.country(region)));
    return countries;
  }

  /**
   * Every place where the recipient may be.
   *
   * @param number E.164, or any other id, which says nothing
   * @param stated region as the sending system writes it, or null
   * @param timeZone stated time zone, or null
   * @param countries where a recipient is assumed of whom nothing is known
   */
  Whereabouts of(String number, String stated, String timeZone, Set<String> countries) {
    Map<String, Set<ZoneId>> found = new LinkedHashMap<>();
    addNumber(number, found);
    ZoneId zone = regions.zone(timeZone);
    String zoneRegion = zone == null ? null : regions.regionOf(zone);
    boolean american =
        found.keySet().stream().anyMatch(region -> Regions.country(region).equals("US"))
            || (zoneRegion != null && Regions.country(zoneRegion).equals("US"));
    String region = regions.parse(stated, american);
    addRegion(region, found);
    boolean misread = (stated != null && region == null) || (timeZone != null && zone == null);
    Set<Place> places = new LinkedHashSet<>();
    if (found.isEmpty() && zone != null) {
      places.add(new Place(zone, zoneRegion));
    } else {
      if (found.isEmpty()) {
        regions.assumed().stream()
            .filter(anywhere -> countries.contains(Regions.country(anywhere)))
            .forEach(anywhere -> add(anywhere, regions.zonesOf(anywhere), found));
      }
      boolean narrows =
          zone != null
              && found.values().stream()
                  .flatMap(Collection::stream)
                  .anyMatch(own -> Regions.sameClocks(own, zone));
      found.forEach(
          (known, zones) -> {
            if (zone != null) {
              places.add(new Place(zone, known));
            }
            if (!narrows) {
              zones.forEach(own -> places.add(new Place(own, known)));
            }
          });
    }
    return new Whereabouts(places, regions.stateSharing(stated, region), misread);
  }

  /** A country adds nothing where the number has given its state. */
  private void addRegion(String region, Map<String, Set<ZoneId>> found) {
    if (region == null
        || found.keySet().stream().anyMatch(known -> Regions.country(known).equals(region))) {
      return;
    }
    if (regions.partsOf(region).isEmpty()) {
      add(region, regions.zonesOf(region), found);
    } else {
      for (String part : regions.partsOf(region)) {
        // Territories beyond the states have a code of their own.
        if (!regions.isTerritory(part)) {
          add(part, regions.zonesOf(part), found);
        }
      }
    }
  }

  private static void add(String region, Collection<ZoneId> zones, Map<String, Set<ZoneId>> found) {
    found.computeIfAbsent(region, r -> new LinkedHashSet<>()).addAll(zones);
  }

  private void addNumber(String number, Map<String, Set<ZoneId>> found) {
    if (!number.startsWith("+")) {
      return;
    }
    if (number.startsWith("+1") && number.length() == 12) {
      CSVRecord row = byAreaCode.get(number.substring(2, 5));
      if (row != null) {
        add(row.get("region"), regions.zones(row), found);
        return;
      }
    }
    try {
      PhoneNumber parsed = NUMBERS.parse(number, null);
      for (String code : countriesOf(parsed)) {
        String country = regions.parse(code, false);
        if (country != null) {
          addZones(country, parsed, found);
        }
      }
    } catch (NumberParseException e) {
      // Not a number: it says nothing about the place.
    }
  }

  /**
   * The countries that a number may be of: those that share its calling code and plan, such as
   * Australia and the Cocos Islands; of one that is assigned nowhere, all of its calling code. In
   * North America the area code decides; one of the United States that the data does not have, such
   * as a toll-free one, is no place.
   */
  private static List<String> countriesOf(PhoneNumber number) {
    String likely = NUMBERS.getRegionCodeForNumber(number);
    if (number.getCountryCode() == NORTH_AMERICA) {
      return likely == null || likely.equals("US") ? List.of() : List.of(likely);
    }
    List<String> sharing = NUMBERS.getRegionCodesForCountryCode(number.getCountryCode());
    List<String> valid =
        sharing.stream().filter(code -> NUMBERS.isValidNumberForRegion(number, code)).toList();
    return valid.isEmpty() ? sharing : valid;
  }

  /**
   * The zones of a number that its country has; all of the country's if there is none. Of a prefix
   * that it does not know the library gives the zones of every country with that calling code.
   */
  private void addZones(String country, PhoneNumber number, Map<String, Set<ZoneId>> found) {
    Collection<ZoneId> countrys = regions.zonesOf(country);
    Set<ZoneId> zones = new LinkedHashSet<>();
    for (String id : PhoneNumberToTimeZonesMapper.getInstance().getTimeZonesForNumber(number)) {
      ZoneId zone = regions.zone(id);
      if (zone != null && countrys.stream().anyMatch(own -> Regions.sameClocks(own, zone))) {
        zones.add(zone);
      }
    }
    add(country, zones.isEmpty() ? countrys : zones, found);
  }
}
