package io.heed.core.attribution;

import io.heed.core.model.ConversionKind;
import java.util.Comparator;

/**
 * A conversion, as it is kept.
 *
 * @param id of the conversion in the shop; one id may go through several kinds, as in a CRM
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

  /** What makes two records the same conversion. */
  record Key(String id, ConversionKind kind) {}

  Key key() {
    return new Key(id, kind);
  }

  /** The conversion that a refund takes back: the stated one, else of its own id. */
  String refundedId() {
    return originalId == null ? id : originalId;
  }

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
