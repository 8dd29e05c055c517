package io.heed.core.optimizer;

import io.heed.core.codec.Hash64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Keeps the number of campaigns of a list within bounds: those with the smallest hashes are kept,
 * the others count as one. Which these are does not depend on the order in which campaigns come,
 * and who is kept in the end was never counted with the others.
 */
public final class CampaignBound {
  /** Campaigns that are kept apart. */
  public static final int KEPT = 1_000;

  /** Stands for all other campaigns: no campaign has an empty id. */
  public static final String OTHERS = "";

  private CampaignBound() {}

  /** Merges what is too much into {@link #OTHERS}. */
  public static <T> void apply(Map<String, T> campaigns, BinaryOperator<T> merge) {
    if (campaigns.size() <= KEPT + 1) {
      return;
    }
    List<String> most =
        campaigns.keySet().stream()
            .filter(id -> !id.equals(OTHERS))
            .sorted(Comparator.<String>comparingLong(Hash64::of).thenComparing(id -> id))
            .skip(KEPT)
            .toList();
    most.forEach(id -> campaigns.merge(OTHERS, campaigns.remove(id), merge));
  }
}
