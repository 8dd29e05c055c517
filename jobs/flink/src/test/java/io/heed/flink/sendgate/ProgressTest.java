package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateInput.Position;
import io.heed.flink.sendgate.GateLog.Ends;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Part SENDS = new Part(Topic.SEND.ordinal(), 0);
  private static final Part OPT_OUTS = new Part(Topic.OPT_OUT.ordinal(), 0);
  private static final Part OTHER_SENDS = new Part(Topic.SEND.ordinal(), 1);
  private static final Part VERDICTS = new Part(Topic.SEND_VERDICT.ordinal(), 0);

  private final Progress progress = new Progress(Topic.SEND_VERDICT.ordinal());

  @Test
  void underSteadyLoadEndsOfAMomentAgoCount() {
    // Each time reading has come to the ends before, never to the newest.
    for (long at = 1_000; at <= 10_000; at += 1_000) {
      ends(at, Map.of(SENDS, at));
      read(SENDS, at - 500);
      if (at > 1_000) {
        assertThat(progress.completeUntil()).isGreaterThanOrEqualTo(at - 2_000);
      }
      assertThat(progress.completeUntil()).isLessThan(at);
    }
  }

  @Test
  void theNewestEndsCountAtOnceWhenTheyAreReached() {
    ends(1_000, Map.of(SENDS, 10L));
    ends(5_000, Map.of(SENDS, 12L));
    read(SENDS, 12);
    assertThat(progress.completeUntil()).isEqualTo(5_000);
  }

  @Test
  void theLeastCompleteTopicOfAPartitionCounts() {
    read(SENDS, 10);
    read(OTHER_SENDS, 3);
    ends(1_000, Map.of(SENDS, 10L, OPT_OUTS, 1L, OTHER_SENDS, 3L));
    assertThat(progress.completeUntil(0)).isEqualTo(Progress.UNKNOWN);
    assertThat(progress.completeUntil(1)).isEqualTo(1_000);
    assertThat(progress.completeUntil()).isEqualTo(Progress.UNKNOWN);
    read(OPT_OUTS, 1);
    assertThat(progress.completeUntil()).isEqualTo(1_000);
  }

  @Test
  void isCompleteUntilTheFirstUnreadRecord() {
    read(SENDS, 10);
    progress.ends(new Ends(9_000, Map.of(SENDS, 20L, OPT_OUTS, 0L), Map.of(SENDS, 4_000L)));
    assertThat(progress.completeUntil()).isEqualTo(4_000);
    read(SENDS, 19);
    assertThat(progress.completeUntil()).isEqualTo(4_000);
    read(SENDS, 20);
    assertThat(progress.completeUntil()).isEqualTo(9_000);
    progress.ends(new Ends(9_500, Map.of(SENDS, 21L, OPT_OUTS, 0L), Map.of(SENDS, 8_000L)));
    assertThat(progress.completeUntil()).as("never goes back").isEqualTo(9_000);
  }

  @Test
  void theEndOfTheVerdictsIsNotWaitedFor() {
    ends(1_000, Map.of(SENDS, 0L, VERDICTS, 7L));
    assertThat(progress.completeUntil()).isEqualTo(1_000);
    assertThat(progress.reached(Map.of(SENDS, 0L, VERDICTS, 7L))).isTrue();
  }

  private void ends(long at, Map<Part, Long> offsets) {
    progress.ends(new Ends(at, offsets, Map.of()));
  }

  private void read(Part part, long next) {
    progress.read(List.of(new Position(part, next)));
  }
}
