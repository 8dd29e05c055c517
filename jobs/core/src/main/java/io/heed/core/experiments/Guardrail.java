package io.heed.core.experiments;

/**
 * An outcome that must not get worse.
 *
 * @param metric the outcome, a rate
 * @param margin relative worsening that is still tolerated
 * @param minimumEffect relative step of the worsenings that the test looks for
 * @param mode what it requires of a winner
 */
public record Guardrail(Metric metric, double margin, double minimumEffect, Mode mode) {
  /** What a guardrail requires of a winner. */
  public enum Mode {
    /** It must have shown that it is not worse than the margin. */
    REQUIRE_NON_INFERIOR,
    /** It must not have been shown to be worse than the margin. */
    VETO
  }
}
