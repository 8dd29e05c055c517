package io.heed.core.hours;

import io.heed.core.rules.Csv;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/** Public holidays of countries, by {@code holidays.csv}. Immutable. */
final class Holidays {
  private static final Map<String, Set<Long>> BY_CALENDAR = new HashMap<>();

  static {
    for (CSVRecord row : Csv.rows(Holidays.class, "holidays.csv")) {
      BY_CALENDAR
          .computeIfAbsent(row.get("calendar"), c -> new HashSet<>())
          .add(LocalDate.parse(row.get("date")).toEpochDay());
    }
  }

  private Holidays() {}

  /** The holidays of a country as epoch days; empty for one that the data does not have. */
  static Set<Long> of(String country) {
    return BY_CALENDAR.getOrDefault(country, Set.of());
  }
}
