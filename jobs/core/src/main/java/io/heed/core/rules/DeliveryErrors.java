package io.heed.core.rules;

import io.heed.core.model.Delivery;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;

/**
 * The class of a vendor's error code, by {@code delivery-errors.csv}. The states of SMPP hold for
 * every vendor. Without a vendor a code of four characters or more has a class if all vendors that
 * know it agree; shorter ones mean something else at every vendor. Immutable, safe for concurrent
 * use.
 */
public final class DeliveryErrors {
  private static final String ANY_VENDOR = "smpp";
  private static final int MIN_SIGNIFICANT_CHARS = 4;
  private static final DeliveryErrors STANDARD = new DeliveryErrors();

  private final Map<String, Map<String, ErrorClass>> byVendor = new HashMap<>();
  private final Map<String, ErrorClass> agreed = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();

  private DeliveryErrors() {
    for (CSVRecord row : Csv.rows("delivery-errors.csv")) {
      if (row.get("class").equals("ALIAS")) {
        aliases.put(row.get("code"), row.get("vendor"));
        continue;
      }
      String code = normal(row.get("code"));
      ErrorClass errorClass = ErrorClass.valueOf(row.get("class"));
      byVendor.computeIfAbsent(row.get("vendor"), v -> new HashMap<>()).put(code, errorClass);
      if (code.length() >= MIN_SIGNIFICANT_CHARS || row.get("vendor").equals(ANY_VENDOR)) {
        agreed.merge(code, errorClass, (a, b) -> a == b ? a : ErrorClass.UNKNOWN);
      }
    }
  }

  /** The codes of the data file. */
  public static DeliveryErrors standard() {
    return STANDARD;
  }

  /** The class of a receipt's error; NONE on one of a message that was delivered. */
  public ErrorClass classOf(Delivery delivery) {
    return delivery.status().isDelivered()
        ? ErrorClass.NONE
        : classOf(delivery.vendor(), delivery.errorCode());
  }

  /**
   * The class of a code; NONE without a code, UNKNOWN for one that is not in the data file.
   *
   * @param vendor whose code it is, letter case aside; null if unknown
   * @param code the vendor's code, letter case aside; null or empty without an error
   */
  public ErrorClass classOf(String vendor, String code) {
    if (code == null || code.isBlank()) {
      return ErrorClass.NONE;
    }
    String normal = normal(code);
    if (vendor == null || vendor.isBlank()) {
      return agreed.getOrDefault(normal, ErrorClass.UNKNOWN);
    }
    ErrorClass own = byVendor.getOrDefault(vendorName(vendor), Map.of()).get(normal);
    return own != null ? own : byVendor.get(ANY_VENDOR).getOrDefault(normal, ErrorClass.UNKNOWN);
  }

  /** The vendor's short name: "AWS End User Messaging" and "messagebird" are known by one each. */
  private String vendorName(String vendor) {
    String name = vendor.strip().toLowerCase(Locale.ROOT);
    return aliases.getOrDefault(name, name);
  }

  /** A code as text, whether it came as one, as a number (30006.0) or with blanks in it. */
  private static String normal(String code) {
    String text = code.strip().toUpperCase(Locale.ROOT).replace(' ', '_');
    int point = text.indexOf('.');
    boolean whole = point > 0 && text.substring(point + 1).chars().allMatch(c -> c == '0');
    return whole ? text.substring(0, point) : text;
  }
}
