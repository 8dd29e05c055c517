package io.heed.core.gate;

import io.heed.core.rules.Csv;
import java.util.TreeMap;
import org.apache.commons.csv.CSVRecord;

/** What a reply that revokes stops, by {@code revocation-scope.csv}: a list, or everything. */
public final class ReplyScope {
  private static final TreeMap<Long, Boolean> REVOKES_ALL = new TreeMap<>();

  static {
    for (CSVRecord row : Csv.rows(ReplyScope.class, "revocation-scope.csv")) {
      REVOKES_ALL.put(Rules.midnight(row.get("effective_from")), row.get("scope").equals("ALL"));
    }
  }

  private ReplyScope() {}

  /**
   * Whether a reply stops every list, whichever message it answers.
   *
   * @param repliedAt epoch milliseconds
   */
  public static boolean isAll(RevocationMethod method, long repliedAt) {
    return method.replyScope() != null || REVOKES_ALL.floorEntry(repliedAt).getValue();
  }
}
