package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import io.heed.flink.sendgate.GateInput.Part;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What several tasks have stored, put together for a restart with any parallelism. */
class RunStateTest {
  private static final Part VERDICTS = new Part(Topic.SEND_VERDICT.ordinal(), 0);
  private static final Part OTHERS = new Part(Topic.SEND_VERDICT.ordinal(), 1);
  private static final Part SENDS = new Part(Topic.SEND.ordinal(), 0);

  @Test
  void verdictsAreReadBackFromWhereTheEarliestTaskNeedsThem() {
    RunState one = run(Map.of(VERDICTS, 5L, OTHERS, 9L));
    RunState other = run(Map.of(VERDICTS, 7L, OTHERS, 2L));
    assertThat(one.with(other).verdictsFrom()).isEqualTo(Map.of(VERDICTS, 5L, OTHERS, 2L));
    assertThat(other.with(one).verdictsFrom()).isEqualTo(Map.of(VERDICTS, 5L, OTHERS, 2L));
    // A task that is still catching up from the oldest record on.
    assertThat(one.with(run(Map.of())).verdictsFrom()).isEmpty();
    assertThat(run(Map.of()).with(one).verdictsFrom()).isEmpty();
  }

  @Test
  void positionsAreThoseReadMost() {
    RunState less = run(Map.of());
    RunState more =
        new RunState(1, 4, Map.of(SENDS, 9L), Map.of(), Map.of(), "rules", new BitSet());
    assertThat(less.with(more).read()).isEqualTo(Map.of(SENDS, 9L));
    assertThat(more.with(less).read()).isEqualTo(Map.of(SENDS, 9L));
    assertThat(less.with(more).bornAt()).isEqualTo(1);
    assertThat(less.with(more).watermark()).isEqualTo(4);
  }

  @Test
  void whatOneHasNotReviewedIsLeft() {
    RunState one = reviewed("rules", 1, 2);
    assertThat(one.with(reviewed("rules", 8)).unreviewed()).isEqualTo(groups(1, 2, 8));
    assertThat(one.with(reviewed("rules", 8)).rules()).isEqualTo("rules");
    assertThat(one.with(reviewed("others", 8)).rules())
        .as("nobody knows who was reviewed by which")
        .isEmpty();
  }

  private static RunState run(Map<Part, Long> verdictsFrom) {
    return new RunState(2, 3, Map.of(SENDS, 5L), Map.of(), verdictsFrom, "rules", new BitSet());
  }

  private static RunState reviewed(String rules, int... left) {
    return new RunState(2, 3, Map.of(), Map.of(), Map.of(), rules, groups(left));
  }

  private static BitSet groups(int... groups) {
    BitSet set = new BitSet();
    for (int group : groups) {
      set.set(group);
    }
    return set;
  }
}
