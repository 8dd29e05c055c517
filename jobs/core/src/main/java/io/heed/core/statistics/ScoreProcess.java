package io.heed.core.statistics;

import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.apache.commons.numbers.gamma.Erfc;

/**
 * The distribution of a group-sequential score process among the paths that have not stopped: after
 * the fraction t of the information, {@code B(t) = Z(t)√t} is a Brownian motion with drift. One
 * step integrates the density of the last look over its continuation region.
 *
 * <p>Source: Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data"
 * (1969); Jennison and Turnbull, "Group sequential methods" (2000), chapter 19. The integral is
 * Gauss-Legendre, in panels that are short against the standard deviation of the next step.
 */
final class ScoreProcess {
  private static final GaussIntegratorFactory GAUSS = new GaussIntegratorFactory();
  private static final int POINTS = 12;

  /** The width of a panel in standard deviations of the shortest step. */
  private static final double PANEL = 4;

  /** Paths beyond so many standard deviations are left out: 2e-17 of them. */
  private static final double REACH = 8.5;

  private final double drift;
  private final double fraction;
  private final double panelWidth;
  private final double[] position;
  private final double[] mass;

  private ScoreProcess(
      double drift, double fraction, double panelWidth, double[] position, double[] mass) {
    this.drift = drift;
    this.fraction = fraction;
    this.panelWidth = panelWidth;
    this.position = position;
    this.mass = mass;
  }

  /**
   * Before the first look.
   *
   * @param drift the expected z at full information
   * @param shortestStep the smallest fraction of information between two looks
   */
  static ScoreProcess start(double drift, double shortestStep) {
    return new ScoreProcess(
        drift, 0, PANEL * Math.sqrt(shortestStep), new double[] {0}, new double[] {1});
  }

  /** The probability of not having stopped and Z at {@code next} being at least z. */
  double above(double next, double z) {
    return tail(next, z, 1);
  }

  /** The probability of not having stopped and Z at {@code next} being below z. */
  double below(double next, double z) {
    return tail(next, z, -1);
  }

  private double tail(double next, double z, int sign) {
    double step = next - fraction;
    double scale = sign / Math.sqrt(2 * step);
    double target = z * Math.sqrt(next) - drift * step;
    double sum = 0;
    for (int i = 0; i < position.length; i++) {
      sum += mass[i] * Erfc.value((target - position[i]) * scale);
    }
    return sum / 2;
  }

  /** The paths that continue beyond the look at {@code next}: Z between the two boundaries. */
  ScoreProcess continueBetween(double next, double lowerZ, double upperZ) {
    double root = Math.sqrt(next);
    double low = Math.max(lowerZ, drift * root - REACH) * root;
    double high = Math.min(upperZ, drift * root + REACH) * root;
    if (high <= low) {
      // Every path has stopped: under a strong drift the boundary lies below all of them.
      return new ScoreProcess(drift, next, panelWidth, new double[0], new double[0]);
    }
    int panels = Math.max(1, (int) Math.ceil((high - low) / panelWidth));
    double[] positions = new double[panels * POINTS];
    double[] masses = new double[panels * POINTS];
    double step = next - fraction;
    double norm = 1 / Math.sqrt(2 * Math.PI * step);
    double width = (high - low) / panels;
    for (int panel = 0; panel < panels; panel++) {
      GaussIntegrator rule = GAUSS.legendre(POINTS, low + panel * width, low + (panel + 1) * width);
      for (int p = 0; p < POINTS; p++) {
        double y = rule.getPoint(p);
        double density = 0;
        for (int i = 0; i < position.length; i++) {
          double distance = y - position[i] - drift * step;
          density += mass[i] * Math.exp(-distance * distance / (2 * step));
        }
        positions[panel * POINTS + p] = y;
        masses[panel * POINTS + p] = density * norm * rule.getWeight(p);
      }
    }
    return new ScoreProcess(drift, next, panelWidth, positions, masses);
  }
}
