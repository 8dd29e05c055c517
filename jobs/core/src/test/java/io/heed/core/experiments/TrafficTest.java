package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private static final Traffic LIST = new Traffic("a list", List.of(100.0, 300.0, 300.0, 350.0), 0);

  @Test
  void aListRunsOutOfPeople() {
    assertThat(LIST.by(-1)).isZero();
    assertThat(LIST.by(0.5)).isEqualTo(50);
    assertThat(LIST.by(1.5)).isEqualTo(200);
    assertThat(LIST.by(2.5)).isEqualTo(300);
    assertThat(LIST.by(100)).isEqualTo(350);
    assertThat(LIST.people()).isEqualTo(350);
    assertThat(LIST.until(351)).isInfinite();
  }

  @Test
  void untilIsTheInverse() {
    for (double recipients : new double[] {0, 1, 100, 101, 299, 300, 310, 350}) {
      assertThat(LIST.by(LIST.until(recipients))).isCloseTo(recipients, within(1e-9));
    }
    assertThat(Traffic.steady(200).until(1_000)).isEqualTo(5);
    assertThat(Traffic.steady(200).by(5)).isEqualTo(1_000);
    assertThat(Traffic.steady(200).people()).isInfinite();
  }
}
