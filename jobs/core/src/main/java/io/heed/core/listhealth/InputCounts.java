package io.heed.core.listhealth;

import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How many events of each topic came, by their own time, summed until they are drained. A topic is
 * watched against the sends; all topics together, whose name is empty, by themselves. Not safe for
 * concurrent use.
 */
public final class InputCounts {
  /** The topics that fall silent when something is broken while sends go on. */
  private static final List<String> TOPICS = List.of("delivery", "click", "reply", "conversion");

  private static final int SENDS = TOPICS.size();
  private static final int ALL = SENDS + 1;

  private Map<Long, long[]> buckets = new HashMap<>();
  private long bucket = Long.MIN_VALUE;
  private long[] counts;

  /** The lists that were texted. */
  private final Set<String> lists = new HashSet<>();

  private String list = "";

  /** Opt-outs by scope and hour. */
  private final Map<RowKey, long[]> optOuts = new HashMap<>();

  /** Counts an event. */
  public void add(Event event) {
    if (event instanceof Send send && !send.listId().equals(list)) {
      list = send.listId();
      lists.add(list);
    } else if (event instanceof OptOut optOut && !optOut.scope().equals("*")) {
      long hour = optOut.eventTime() - Math.floorMod(optOut.eventTime(), RowDeltas.HOUR_MILLIS);
      optOuts.computeIfAbsent(scope(hour, optOut.scope()), key -> new long[2])[1]++;
    }
    long of =
        event.eventTime() - Math.floorMod(event.eventTime(), AlertRules.SILENCE_BUCKET_MILLIS);
    if (of != bucket) {
      bucket = of;
      counts = buckets.computeIfAbsent(of, b -> new long[ALL + 1]);
    }
    counts[ALL]++;
    int topic = topic(event);
    if (topic >= 0) {
      counts[topic]++;
    }
  }

  private static int topic(Event event) {
    if (event instanceof Send) {
      return SENDS;
    }
    if (event instanceof Delivery) {
      return 0;
    }
    if (event instanceof Click) {
      return 1;
    }
    if (event instanceof Reply) {
      return 2;
    }
    return event instanceof Conversion ? 3 : -1;
  }

  /** Hands out what was counted, and clears it. */
  public void drain(Consumer<RowDelta> out) {
    lists.forEach(
        texted -> out.accept(new RowDelta(scope(UnknownScopes.TEXTED, texted), new long[] {1, 0})));
    lists.clear();
    list = "";
    optOuts.forEach((key, counts) -> out.accept(new RowDelta(key, counts)));
    optOuts.clear();
    Map<Long, long[]> drained = buckets;
    buckets = new HashMap<>();
    bucket = Long.MIN_VALUE;
    drained.forEach(
        (start, sums) -> {
          for (int topic = 0; topic < SENDS; topic++) {
            if (sums[SENDS] != 0 || sums[topic] != 0) {
              out.accept(delta(start, TOPICS.get(topic), sums[SENDS], sums[topic]));
            }
          }
          out.accept(delta(start, "", sums[SENDS], sums[ALL]));
        });
  }

  private static RowKey scope(long start, String scope) {
    return new RowKey(CountTable.SCOPE, start, 0, scope, "", "", "");
  }

  private static RowDelta delta(long start, String topic, long sends, long events) {
    return new RowDelta(
        new RowKey(CountTable.SILENCE, start, 0, "", "", topic, ""), new long[] {sends, events});
  }
}
