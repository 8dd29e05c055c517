package io.heed.core.gate;

import io.heed.core.hours.Schedule;
import io.heed.core.rules.Csv;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;

/** What a message against the law may cost, by {@code penalties.csv}. */
final class Penalties {
  private record Penalty(String region, long low, long high) {}

  private static final List<Penalty> PENALTIES =
      Csv.rows(Penalties.class, "penalties.csv").stream().map(Penalties::penalty).toList();

  private Penalties() {}

  private static Penalty penalty(CSVRecord row) {
    return new Penalty(
        row.get("region"), Long.parseLong(row.get("usd_low")), Long.parseLong(row.get("usd_high")));
  }

  /** Adds the sums in US dollars for the places where a recipient may be. */
  static void describe(Schedule places, Map<String, Object> evidence) {
    long low = 0;
    long high = 0;
    for (Penalty penalty : PENALTIES) {
      boolean country = penalty.region().indexOf('-') < 0;
      if (country ? places.mayBeInCountry(penalty.region()) : places.mayBeIn(penalty.region())) {
        low += penalty.low();
        high += penalty.high();
      }
    }
    evidence.put("exposure_usd_low", low);
    evidence.put("exposure_usd_high", high);
  }
}
