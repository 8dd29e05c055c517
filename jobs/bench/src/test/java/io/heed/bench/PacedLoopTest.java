package io.heed.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PacedLoopTest {
  @AfterEach
  void forgetInterruption() {
    Thread.interrupted();
  }

  @Test
  void nothingBeginsBeforeItIsDue() throws Exception {
    List<Long> due = new ArrayList<>();
    PacedLoop.run(
        5,
        1_000,
        (index, at) -> {
          assertThat(System.nanoTime()).isGreaterThanOrEqualTo(at);
          due.add(at);
        });
    assertThat(due)
        .extracting(at -> at - due.get(0))
        .containsExactly(0L, 1_000_000L, 2_000_000L, 3_000_000L, 4_000_000L);
  }

  /** While it waits, and while it is behind. */
  @Test
  @Timeout(60)
  void anInterruptionEndsIt() {
    for (int rate : new int[] {1, 1_000_000}) {
      List<Integer> rounds = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  PacedLoop.run(
                      1_000,
                      rate,
                      (index, due) -> {
                        rounds.add(index);
                        Thread.currentThread().interrupt();
                      }))
          .isInstanceOf(InterruptedException.class);
      assertThat(rounds).containsExactly(0);
    }
  }
}
