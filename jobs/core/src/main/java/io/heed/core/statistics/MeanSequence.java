package io.heed.core.statistics;

import java.util.List;

/**
 * The asymptotic confidence sequence of a difference of means. With {@code R = (−2 ln α + ln(1 − 2
 * ln α))/N*}, n recipients and z = (estimate − δ)/se,
 *
 * <pre>
 * ln e(δ)    = R n z² / (2(nR+1)) − ½ ln(nR+1)
 * half-width = se √n √( 2(nR+1)/(n²R) · ln(√(nR+1)/α) )
 * </pre>
 *
 * <p>Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory
 * and asymptotic confidence sequences" (2024), with R tuned to be tightest at N* recipients.
 *
 * @param effect the estimate and its standard error
 * @param rate R
 */
public record MeanSequence(MeanEffect effect, double rate) implements ConfidenceSequence {
  /** The sequence over the given epochs. */
  public static MeanSequence of(List<Stratum<MeanCounts>> strata, double rate) {
    return new MeanSequence(MeanEffect.of(strata), rate);
  }

  /**
   * R for a sequence that is to be tightest at the planned size.
   *
   * @param alpha the level that is planned for
   * @param plannedRecipients N*, of both arms together
   */
  public static double rate(double alpha, long plannedRecipients) {
    double twice = -2 * Math.log(alpha);
    return (twice + Math.log1p(twice)) / plannedRecipients;
  }

  @Override
  public double estimate() {
    return effect.estimate();
  }

  /** 0, no evidence, while no epoch takes part. */
  @Override
  public double logE(double nullEffect) {
    if (effect.recipients() == 0) {
      return 0;
    }
    if (Double.isInfinite(nullEffect)) {
      return Double.POSITIVE_INFINITY;
    }
    double spread = effect.recipients() * rate;
    double z = effect.z(nullEffect);
    return spread * z * z / (2 * (spread + 1)) - Math.log1p(spread) / 2;
  }

  @Override
  public Interval interval(double alpha) {
    return effect.around(halfWidth(alpha));
  }

  double halfWidth(double alpha) {
    double n = effect.recipients();
    return effect.standardError() * Math.sqrt(n) * standardHalfWidth(n, rate, alpha);
  }

  /** The half-width for observations of variance one. */
  static double standardHalfWidth(double n, double rate, double alpha) {
    double spread = n * rate;
    return Math.sqrt(2 * (spread + 1) / (n * spread) * (Math.log1p(spread) / 2 - Math.log(alpha)));
  }
}
