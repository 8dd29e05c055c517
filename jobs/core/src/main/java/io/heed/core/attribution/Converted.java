package io.heed.core.attribution;

import io.heed.core.model.ConversionKind;
import java.util.Comparator;

/**
 * A conversion, as it is kept.
 *
 * @param id of the conversion in the shop
 * @param kind what it is
 * @param time when it happened
 * @param revenueMicros its amount, never negative
 * @param originalId the purchase that a refund takes back, or null
 * @param stamp of the policy that its rows were written by
 */
public record Converted(
    String id, ConversionKind kind, long time, long revenueMicros, String originalId, int stamp) {
  /** Of two records of one conversion the first holds, whichever came first. */
  static final Comparator<Converted> ORDER =
      Comparator.comparingLong(Converted::time)
          .thenComparing(Converted::kind)
          .thenComparingLong(Converted::revenueMicros)
          .thenComparing(Converted::originalId, Comparator.nullsFirst(Comparator.naturalOrder()));

  Converted withStamp(int other) {
    return new Converted(id, kind, time, revenueMicros, originalId, other);
  }

  boolean isRefund() {
    return kind == ConversionKind.REFUND;
  }

  /** What it adds to the shop's revenue. */
  long netMicros() {
    return isRefund() ? -revenueMicros : revenueMicros;
  }
}
