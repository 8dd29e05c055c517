package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Heartbeat;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class FreshnessTest {
  private static final long START = 1_760_000_000_000L;

  private long wall = START;
  private long monotonic = Long.MAX_VALUE - 5;
  private final Freshness freshness =
      new Freshness(Duration.ofSeconds(60), () -> wall, () -> monotonic);

  @Test
  void withoutAHeartbeatNothingIsFresh() {
    assertThat(freshness.isFresh(0)).isFalse();
    freshness.received(beat(1, true, 1), wall);
    assertThat(freshness.isFresh(0)).isFalse();
    assertThat(freshness.isFresh(1)).isTrue();
  }

  @Test
  void aGateThatIsNotReadyDoesNotCount() {
    freshness.received(beat(0, true, 1), wall);
    freshness.received(beat(0, false, 1), wall);
    assertThat(freshness.isFresh(0)).isFalse();
  }

  @Test
  void ageIsMeasuredByBothClocks() {
    freshness.received(beat(0, true, 1), wall);
    // Over the end of the range, where nanoTime may be.
    monotonic += TimeUnit.SECONDS.toNanos(60);
    assertThat(freshness.isFresh(0)).isTrue();
    monotonic += 1;
    assertThat(freshness.isFresh(0)).as("the wall clock stands still").isFalse();

    freshness.received(beat(0, true, 1), wall);
    wall += 60_001;
    assertThat(freshness.isFresh(0)).as("the process was asleep").isFalse();
  }

  @Test
  void anOldRecordThatIsReadNowIsOld() {
    freshness.received(beat(0, true, 1), wall - 60_001);
    assertThat(freshness.isFresh(0)).isFalse();
  }

  @Test
  void theNewerOfTwoGatesCounts() {
    freshness.received(beat(0, false, 2), wall);
    freshness.received(beat(0, true, 1), wall);
    assertThat(freshness.isFresh(0)).isFalse();
    freshness.received(beat(0, true, 3), wall);
    assertThat(freshness.isFresh(0)).isTrue();
  }

  /** Whatever the client's clock says and however late a record is read. */
  @Property
  void noClockMakesAnOldHeartbeatFresh(
      @ForAll @LongRange(min = -10_000_000, max = 10_000_000) long skew,
      @ForAll @LongRange(min = 0, max = 10_000_000) long readLateBy,
      @ForAll @LongRange(min = 0, max = 10_000_000) long later) {
    wall = START + skew + readLateBy;
    freshness.received(beat(0, true, 1), START);
    wall += later;
    monotonic += TimeUnit.MILLISECONDS.toNanos(later);
    if (freshness.isFresh(0)) {
      assertThat(later).isLessThanOrEqualTo(60_000);
      assertThat(Math.abs(skew + readLateBy + later)).isLessThanOrEqualTo(60_000);
    }
  }

  private static Heartbeat beat(int partition, boolean ready, long started) {
    return new Heartbeat(partition, START, ready, START, "gate", started);
  }
}
