package io.heed.core.rules;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;

/**
 * The class of a vendor's error code, by {@code delivery-errors.csv}. The states of SMPP hold for
 * every vendor. Without a vendor a code has a class if all vendors that know it agree. Immutable,
 * safe for concurrent use.
 */
public final class DeliveryErrors {
  private static final String ANY_VENDOR = "smpp";
  private static final DeliveryErrors STANDARD = new DeliveryErrors();

  private final Map<String, Map<String, ErrorClass>> byVendor = new HashMap<>();
  private final Map<String, ErrorClass> agreed = new HashMap<>();

  private DeliveryErrors() {
    for (CSVRecord row : Csv.rows("delivery-errors.csv")) {
      String code = row.get("code");
      ErrorClass errorClass = ErrorClass.valueOf(row.get("class"));
      byVendor.computeIfAbsent(row.get("vendor"), v -> new HashMap<>()).put(code, errorClass);
      agreed.merge(code, errorClass, (a, b) -> a == b ? a : ErrorClass.UNKNOWN);
    }
  }

  /** The codes of the data file. */
  public static DeliveryErrors standard() {
    return STANDARD;
  }

  /**
   * The class of a code; NONE without a code, UNKNOWN for one that is not in the data file.
   *
   * @param vendor whose code it is, letter case aside; null if unknown
   * @param code the vendor's code, letter case aside; null or empty without an error
   */
  public ErrorClass classOf(String vendor, String code) {
    if (code == null || code.isEmpty()) {
      return ErrorClass.NONE;
    }
    String upper = code.toUpperCase(Locale.ROOT);
    if (vendor == null || vendor.isEmpty()) {
      return agreed.getOrDefault(upper, ErrorClass.UNKNOWN);
    }
    ErrorClass own = byVendor.getOrDefault(vendor.toLowerCase(Locale.ROOT), Map.of()).get(upper);
    return own != null ? own : byVendor.get(ANY_VENDOR).getOrDefault(upper, ErrorClass.UNKNOWN);
  }
}
