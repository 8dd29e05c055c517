package io.heed.core.statistics;

import java.util.List;

/**
 * The sequential multinomial test of the sample ratio: do the arms get the recipients that the
 * allocation promises them? Valid at every look.
 *
 * <p>{@code ln e = ln B(kθ₀ + n) − ln B(kθ₀) − Σ nᵢ ln θ₀ᵢ}, evaluated in a form without
 * cancellation: with m arms, N = Σ nᵢ, δ the remainder of Stirling's formula and {@code qᵢ = (kθ₀ᵢ
 * + nᵢ)/(θ₀ᵢ(k + N))},
 *
 * <pre>
 * ln e = −(m−1)/2 ln((k+N)/k) + Σ (kθ₀ᵢ + nᵢ − ½) ln qᵢ
 *        + Σ (δ(kθ₀ᵢ + nᵢ) − δ(kθ₀ᵢ)) − δ(k+N) + δ(k)
 * </pre>
 *
 * <p>Source: Lindon and Malek, "Anytime-valid inference for multinomial count data" (2022).
 *
 * @param concentration k, of the Dirichlet mixture around the null
 */
public record SampleRatioTest(double concentration) {
  /** Below this p-value the experiment's owner gets an alert. */
  public static final double ALERT_BELOW = 0.01;

  /** Below this p-value the experiment is invalid. */
  public static final double INVALID_BELOW = 0.001;

  /** k = 1000: a 48/52 split is found at a median of about 7,200 recipients. */
  public static SampleRatioTest withDefaults() {
    return new SampleRatioTest(1000);
  }

  /** Another concentration of the mixture. */
  public SampleRatioTest with(double concentration) {
    return new SampleRatioTest(concentration);
  }

  /**
   * The log e-value of one epoch; evidence adds over epochs.
   *
   * @param shares θ₀, the allocation; arms with share 0 take no part
   * @param counts recipients per arm
   */
  public double logE(List<Double> shares, List<Long> counts) {
    double totalShare = 0;
    long total = 0;
    int arms = 0;
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i) > 0) {
        totalShare += shares.get(i);
        total += counts.get(i);
        arms++;
      }
    }
    double k = concentration;
    double logE =
        -(arms - 1) / 2.0 * Math.log1p(total / k)
            - LogSpace.stirlingRemainder(k + total)
            + LogSpace.stirlingRemainder(k);
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i) > 0) {
        double share = shares.get(i) / totalShare;
        long n = counts.get(i);
        double prior = k * share;
        double excess = (n - share * total) / (share * (k + total));
        logE +=
            (prior + n - 0.5) * Math.log1p(excess)
                + LogSpace.stirlingRemainder(prior + n)
                - LogSpace.stirlingRemainder(prior);
      }
    }
    return logE;
  }
}
