package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SharesTest {
  @Property
  void sumToOneAndFollowTheWeights(
      @ForAll @Size(min = 1, max = 128) List<@DoubleRange(min = 0, max = 1e6) Double> list) {
    double[] weights = list.stream().mapToDouble(Double::doubleValue).toArray();
    long[] shares = Shares.proportional(weights);
    assertThat(Arrays.stream(shares).sum()).isEqualTo(Shares.ONE);
    double sum = Arrays.stream(weights).sum();
    for (int i = 0; i < shares.length; i++) {
      double exact = sum > 0 ? weights[i] / sum : 1.0 / shares.length;
      assertThat(shares[i]).isNotNegative();
      assertThat(shares[i] / 1e12).isBetween(exact - 2e-10, exact + 2e-10);
    }
  }

  @Property
  void partsOfAnAmountSumToItAndAreWithinOneMicroOfTheirShare(
      @ForAll @LongRange(min = -Long.MAX_VALUE, max = Long.MAX_VALUE) long micros,
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0, max = 1) Double> list) {
    double[] weights = list.stream().mapToDouble(Double::doubleValue).toArray();
    long[] shares = Shares.proportional(weights);
    long[] parts = Shares.divide(micros, shares);
    assertThat(Arrays.stream(parts).sum()).isEqualTo(micros);
    BigInteger one = BigInteger.valueOf(Shares.ONE);
    for (int i = 0; i < parts.length; i++) {
      BigInteger off =
          BigInteger.valueOf(parts[i])
              .multiply(one)
              .subtract(BigInteger.valueOf(micros).multiply(BigInteger.valueOf(shares[i])));
      assertThat(off.abs()).isLessThan(one);
    }
  }

  @Test
  void theLargestRemainderGetsWhatIsLeftAndOfEqualOnesTheEarliest() {
    assertThat(Shares.divide(100, Shares.proportional(new double[] {1, 1, 1})))
        // The last touch's share is larger by the remainder of the credit.
        .containsExactly(33, 33, 34);
    assertThat(Shares.divide(-5, Shares.proportional(new double[] {1, 1}))).containsExactly(-3, -2);
  }
}
