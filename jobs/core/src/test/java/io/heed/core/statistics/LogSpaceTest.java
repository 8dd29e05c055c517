package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogSpaceTest {
  @Test
  void log1pIsToTheBitThatOfTheJdk() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1_000_000; i++) {
      double size = Math.pow(10, -10 * random.nextDouble());
      double x = random.nextBoolean() ? size : -size;
      assertSameBits(x);
    }
    for (double x : new double[] {0, -0.0, 1e-8, -1e-8, 0.29, -0.29, -1, 999, Double.NaN}) {
      assertSameBits(x);
    }
  }

  private static void assertSameBits(double x) {
    // Not AssertJ's for each: a million of its objects take longer than all else.
    if (Double.doubleToLongBits(LogSpace.log1p(x))
        != Double.doubleToLongBits(StrictMath.log1p(x))) {
      assertThat(LogSpace.log1p(x)).as("ln(1 + %s)", x).isEqualTo(StrictMath.log1p(x));
    }
  }
}
