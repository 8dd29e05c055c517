package io.heed.cli.erasure;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletes people's rows from the warehouse. By mutations and not by lightweight deletes: those only
 * hide rows until some merge, and what is erased has to be gone.
 */
public final class ErasedTables {
  private static final String BY_ID = "recipient_id IN (%1$s)";
  private static final String BY_HASH = "recipient IN (arrayMap(id -> cityHash64(id), [%1$s]))";

  /** Decisions by the person they are about, alerts by whom they name. */
  private static final String DECISIONS =
      "JSONExtractString(payload, 'recipient_id') IN (%1$s)"
          + " OR (endsWith(topic, 'sms.alert') AND match(payload, %2$s))";

  private static final Map<String, String> WHERE = new LinkedHashMap<>();

  static {
    WHERE.put("events_versions", BY_ID);
    WHERE.put("recipient_event_versions", BY_ID);
    WHERE.put("decision_versions", DECISIONS);
    WHERE.put("decision_newest_versions", DECISIONS);
    WHERE.put("verdict_hour", BY_ID);
    WHERE.put("attribution_credit_versions", BY_ID);
    WHERE.put("engagement_hourly_versions", BY_HASH);
    WHERE.put("list_recipient", BY_HASH);
    WHERE.put("consent_change_versions", BY_HASH);
    WHERE.put("series_send_versions", BY_HASH);
    WHERE.put("conversion_versions", BY_HASH);
    WHERE.put("frequency_cap_versions", BY_ID);
    WHERE.put("dead_letter_versions", "match(tryBase64Decode(raw), %2$s) OR match(reason, %2$s)");
  }

  private ErasedTables() {}

  /**
   * Deletes their rows; returns when they are gone.
   *
   * @return the tables
   */
  public static List<String> delete(Connection warehouse, People people) throws SQLException {
    String ids = String.join(", ", Collections.nCopies(people.ids().size(), "?"));
    for (Map.Entry<String, String> table : WHERE.entrySet()) {
      String sql =
          "ALTER TABLE %s DELETE WHERE %s SETTINGS mutations_sync = 2"
              .formatted(table.getKey(), table.getValue().formatted(ids, "?"));
      try (PreparedStatement statement = warehouse.prepareStatement(sql)) {
        int parameter = 1;
        for (String value : values(table.getValue(), people)) {
          statement.setString(parameter++, value);
        }
        statement.execute();
      }
    }
    return List.copyOf(WHERE.keySet());
  }

  /** The values of a condition's places, in their order. */
  private static List<String> values(String where, People people) {
    List<String> values = new ArrayList<>();
    for (int at = where.indexOf('%'); at >= 0; at = where.indexOf('%', at + 1)) {
      if (where.startsWith("%1$s", at)) {
        values.addAll(people.ids());
      } else {
        values.add(people.mentionPattern());
      }
    }
    return values;
  }
}
