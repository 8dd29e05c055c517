package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Heartbeat;
import io.heed.flink.sendgate.HeartbeatLog.Beat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class FenceTest {
  private static final long HOUR = 3_600_000L;

  private final List<Beat> beats = new CopyOnWriteArrayList<>();
  private final AtomicLong broker = new AtomicLong(HOUR);
  private final AtomicLong nanos = new AtomicLong();
  private final List<Fence> fences = new ArrayList<>();
  private final Map<Fence, AtomicInteger> reads = new ConcurrentHashMap<>();
  private final ExecutorService task = Executors.newCachedThreadPool();
  private volatile RuntimeException kafkaFails;

  @AfterEach
  void close() throws Exception {
    task.shutdownNow();
    for (Fence fence : fences) {
      fence.close();
    }
  }

  @Test
  void theOlderGateStopsAndTheNewerWaitsForIt() throws Exception {
    Fence older = fence("a", HOUR);
    older.claim();
    older.awaitHandover();
    older.check();
    Fence newer = fence("b", HOUR);
    newer.claim();
    Future<?> handover = task.submit(() -> run(newer::awaitHandover));
    assertThat(isDone(handover)).as("the older one may still give verdicts").isFalse();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(Fence.HANDOVER_MILLIS));
    handover.get(1, TimeUnit.MINUTES);
    newer.check();
    awaitReads(older);
    assertThat(isDone(task.submit(() -> run(older::check)))).as("the older one").isFalse();
  }

  @Test
  void theNewerStartIsLaterWhateverTheClocks() {
    Fence older = fence("z", HOUR);
    older.claim();
    Fence newer = fence("a", HOUR / 2);
    newer.claim();
    assertThat(newer.started()).isGreaterThan(older.started());
  }

  @Test
  void tasksOfOneGateLetEachOtherBe() throws Exception {
    Fence first = fence("a", HOUR);
    first.claim();
    Fence second = fence("a", HOUR + 7);
    second.claim();
    second.awaitHandover();
    awaitReads(first);
    awaitReads(second);
    first.check();
    second.check();
    assertThat(second.started()).isEqualTo(first.started());
  }

  @Test
  void nobodyIsWaitedForWhoHasBeenSilentForAMinute() throws Exception {
    fence("a", HOUR).claim();
    broker.addAndGet(60_001);
    Fence newer = fence("b", HOUR);
    newer.claim();
    newer.awaitHandover();
    newer.check();
  }

  @Test
  void whoCannotReadTheHeartbeatsGivesNoVerdicts() throws Exception {
    Fence fence = fence("a", HOUR);
    fence.claim();
    kafkaFails = new IllegalStateException("Kafka is away");
    awaitReads(fence);
    fence.check();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(Fence.LEASE_MILLIS + 1));
    Future<?> check = task.submit(() -> run(fence::check));
    assertThat(isDone(check)).isFalse();
    kafkaFails = null;
    check.get(1, TimeUnit.MINUTES);
  }

  @Test
  void theOlderGateStartsAgainWhenTheNewerIsSilent() throws Exception {
    Fence older = fence("a", HOUR);
    older.claim();
    beats.add(new Beat(new Heartbeat(0, 0, true, 0, "b", older.started() + 1), broker.get()));
    awaitReads(older);
    Future<?> check = task.submit(() -> run(older::check));
    assertThat(isDone(check)).isFalse();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(59));
    assertThat(isDone(check)).isFalse();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertThatThrownBy(() -> check.get(1, TimeUnit.MINUTES))
        .hasMessageContaining("send gate b")
        .hasMessageContaining("starting again");
  }

  @Test
  void heartbeatsWithoutAnInstanceFenceNobody() throws Exception {
    Fence fence = fence("a", HOUR);
    fence.claim();
    beats.add(new Beat(new Heartbeat(0, 0, true, 2 * HOUR, null, null), broker.get()));
    awaitReads(fence);
    fence.check();
  }

  private Fence fence(String instance, long clock) {
    TestingHeartbeatLog log = new TestingHeartbeatLog(beats, broker);
    AtomicInteger read = new AtomicInteger();
    HeartbeatLog failing =
        new HeartbeatLog() {
          @Override
          public long append(Heartbeat heartbeat) {
            return log.append(heartbeat);
          }

          @Override
          public void next(Consumer<Beat> each) {
            try {
              if (kafkaFails != null) {
                throw kafkaFails;
              }
              log.next(each);
            } finally {
              read.incrementAndGet();
            }
          }

          @Override
          public void close() {}
        };
    Fence fence = new Fence(failing, instance, () -> clock, nanos::get);
    fences.add(fence);
    reads.put(fence, read);
    return fence;
  }

  /** Until the fence has read whatever there is by now: the read that has begun may not have. */
  private void awaitReads(Fence fence) throws InterruptedException {
    int before = reads.get(fence).get();
    while (reads.get(fence).get() <= before + 1) {
      Thread.sleep(10);
    }
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  private static void run(Step step) {
    try {
      step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isDone(Future<?> future) throws Exception {
    try {
      future.get(700, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
