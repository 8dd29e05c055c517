package io.heed.core.attribution;

import io.heed.core.model.ConversionKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a recipient may bring within the lift's window: conversions by kind, whether there was one,
 * and net revenue.
 */
public enum LiftMetric {
  LEAD,
  QUALIFIED,
  PURCHASE,
  /** Whether there was any conversion. */
  CONVERTING,
  /** In micros, net of refunds. */
  REVENUE,
  /** Of the optimizer's comparison: whether the recipient opted out. */
  OPT_OUT,
  /**
   * Of the optimizer's comparison, in micros: margin · revenue − cost of messages − opted out ·
   * value of the subscriber when the recipient entered.
   */
  NET_VALUE;

  /** Name in the rows. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Adds what one conversion brings, by metric. */
  static void add(long[] outcomes, Converted conversion) {
    if (conversion.kind() != ConversionKind.REFUND) {
      outcomes[valueOf(conversion.kind().name()).ordinal()]++;
      outcomes[CONVERTING.ordinal()] = 1;
    }
    outcomes[REVENUE.ordinal()] += conversion.netMicros();
  }

  static List<Long> list(long[] outcomes) {
    return Arrays.stream(outcomes).boxed().toList();
  }
}
