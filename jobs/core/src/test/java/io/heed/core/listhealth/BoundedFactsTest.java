package io.heed.core.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.listhealth.CountTable.ListHealth;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** One recipient with more facts than are kept, and sums of amounts beyond a long. */
class BoundedFactsTest {
  private static final long T = 1_750_000_000_000L;
  private static final long DAY = 86_400_000;
  private static final long LARGEST_AMOUNT = 1_000_000_000_000_000L;

  private final FactReader reader = new FactReader();
  private final RecipientFacts facts = new RecipientFacts();
  private final FactCounter counter = new FactCounter(facts);
  private final RowDeltas deltas = new RowDeltas();
  private final Map<String, long[]> totals = new TreeMap<>();
  private byte[] state;

  private void play(Event event) throws BinaryException {
    facts.load(state);
    if (counter.add(reader.read(event), deltas)) {
      state = facts.toBytes();
    }
  }

  private long[] day(long time) {
    deltas.drain(
        hour ->
            hour.forEach(
                (row, counts) -> {
                  long[] sum =
                      totals.computeIfAbsent(NaiveCounts.text(row), k -> new long[counts.length]);
                  for (int i = 0; i < sum.length; i++) {
                    sum[i] += counts[i];
                  }
                }),
        watched -> {});
    return totals.get(
        NaiveCounts.text(
            NaiveCounts.listHealth(RowDeltas.windowStart(time, 86_400), 86_400, "l", "")));
  }

  private static Send send(String recipient, String id, long time, long cost) {
    return new Send(
        "s" + id,
        time,
        recipient,
        id,
        "c",
        "l",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        cost,
        null,
        null);
  }

  private static Click click(String id, long time, String message) {
    return new Click(id, time, "r", message, null, null, null, null);
  }

  @Test
  void everyMessageOfAHotRecipientCountsAtTheSameCost() throws BinaryException {
    long start = RowDeltas.windowStart(T, 86_400);
    long cost = 0;
    for (int n = 0; n < 20_000; n++) {
      long begun = threadNanos();
      play(send("r", "m" + n, start + n * 1_000L, 1));
      cost = n < 19_000 ? 0 : cost + threadNanos() - begun;
      play(
          new Delivery(
              "d" + n,
              start + n * 1_000L + 1,
              "r",
              "m" + n,
              DeliveryStatus.DELIVERED,
              null,
              null,
              null));
    }
    System.out.printf("list health, CPU per send: %.1f us, %d bytes%n", cost / 1e6, state.length);
    assertThat(cost / 1_000).as("nanoseconds per send").isLessThan(1_000_000);
    assertThat(state).hasSizeLessThan(16_000);
    assertThat(counter.evicted()).isGreaterThan(39_000);
    assertThat(day(start)).startsWith(20_000, 20_000);
    play(send("r", "m7", start + 7_000, 1));
    assertThat(day(start)).as("a duplicate of what was evicted").startsWith(20_000);
  }

  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Test
  void everyClickOfAHotRecipientCountsAndIsOneClickers() throws BinaryException {
    play(send("r", "m", T, 1));
    for (int n = 0; n < 3_000; n++) {
      play(click("k" + n, T + 10_000 + n, "m"));
    }
    assertThat(state).hasSizeLessThan(8_000);
    assertThat(day(T)).startsWith(1, 0, 0, 3_000, 1);
    play(click("k5", T + 10_005, "m"));
    assertThat(day(T)).as("a duplicate of what was evicted").startsWith(1, 0, 0, 3_000, 1);
  }

  @Test
  void optOutsByTheMinuteAreOneInTwentyFourHoursAndExactlyThenTheNext() throws BinaryException {
    for (int n = 0; n <= 2 * 1_440; n++) {
      play(new OptOut("o" + n, T + n * 60_000L, "r", "l", OptOutMethod.WEB, null));
    }
    assertThat(counter.evicted()).isPositive();
    long counted = 0;
    for (int d = 0; d <= 2; d++) {
      counted += day(T + d * DAY)[ListHealth.OPT_OUTS];
    }
    assertThat(counted).isEqualTo(3);
  }

  @Test
  void optOutsExactlyTwentyFourHoursApartAreTwo() throws BinaryException {
    play(new OptOut("o1", T, "r", "l", OptOutMethod.WEB, null));
    play(new OptOut("o2", T + DAY - 1, "r", "l", OptOutMethod.WEB, null));
    play(new OptOut("o3", T + DAY, "r", "l", OptOutMethod.WEB, null));
    assertThat(day(T)[ListHealth.OPT_OUTS]).isOne();
    assertThat(day(T + DAY)[ListHealth.OPT_OUTS]).isOne();
  }

  /** Whatever is evicted in whatever order, no row falls below nothing. */
  @Property(tries = 10)
  void noCountFallsBelowNothing(@ForAll Random random) throws BinaryException {
    List<Event> events = new ArrayList<>();
    for (int n = 0; n < 1_200; n++) {
      long time = T + n * 60_000L - (long) random.nextInt(10) * random.nextInt(120_000);
      String message = "m" + Math.max(0, n - random.nextInt(400));
      events.add(
          switch (random.nextInt(6)) {
            case 0, 1 -> send("r", "m" + n, time, 1);
            case 2 -> click("k" + n, time, message);
            case 3 ->
                new Delivery(
                    "d" + n, time, "r", message, DeliveryStatus.DELIVERED, null, null, null);
            case 4 -> new Reply("p" + n, time, "r", random.nextBoolean() ? message : null, "STOP");
            default -> new OptOut("o" + n, time, "r", "*", OptOutMethod.COMPLAINT, null);
          });
    }
    for (Event event : events) {
      play(event);
      if (random.nextInt(20) == 0) {
        day(T);
        totals.forEach(
            (row, counts) ->
                assertThat(Arrays.stream(counts).min().orElseThrow()).as(row).isNotNegative());
      }
    }
    assertThat(counter.evicted()).isPositive();
  }

  @Test
  void sumsOfTheLargestAmountsStopAtTheLargestLongAndComeBack() throws BinaryException {
    int messages = 20_000;
    for (int n = 0; n < messages; n++) {
      state = null;
      play(send("r" + n, "m" + n, T, LARGEST_AMOUNT));
    }
    assertThat(costOfTheDay()).isEqualTo(Long.MAX_VALUE);
    // Late sends of the same messages are earlier, and cost nothing: most is taken back.
    for (int n = 0; n < messages - 1; n++) {
      state = null;
      facts.load(null);
      counter.add(reader.read(send("r" + n, "m" + n, T, LARGEST_AMOUNT)), new RowDeltas());
      state = facts.toBytes();
      play(send("r" + n, "m" + n, T - 1, 0));
    }
    assertThat(costOfTheDay()).isEqualTo(LARGEST_AMOUNT);
  }

  private long costOfTheDay() {
    long[] counts = day(T);
    RowKey key = NaiveCounts.listHealth(RowDeltas.windowStart(T, 86_400), 86_400, "l", "");
    return ((ListHealthRow) ResultRows.of(key, counts, 1, false)).costMicros();
  }
}
