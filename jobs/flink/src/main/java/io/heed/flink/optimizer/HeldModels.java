package io.heed.flink.optimizer;

import io.heed.core.optimizer.ValueModel;
import io.heed.core.outcomes.ModelPublisher;
import io.heed.core.signals.ListModels;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.util.FlinkRuntimeException;

/** The newest value models of each list, by the day from which they hold; every task keeps them. */
final class HeldModels implements ListModels {
  private static final long DAY = Duration.ofDays(1).toMillis();

  /** Days of versions that are kept: those that may decide, and those that will. */
  private static final int DAYS_KEPT = 6;

  private final BroadcastState<String, ListModel> models;
  private final long latenessMillis;

  HeldModels(BroadcastState<String, ListModel> models, long latenessMillis) {
    this.models = models;
    this.latenessMillis = latenessMillis;
  }

  void add(ListModel model) throws Exception {
    int day = model.model().effectiveDay();
    models.put(key(model.list(), day), model);
    for (Iterator<Map.Entry<String, ListModel>> all = models.iterator(); all.hasNext(); ) {
      ListModel each = all.next().getValue();
      if (each.list().equals(model.list()) && each.model().effectiveDay() <= day - DAYS_KEPT) {
        all.remove();
      }
    }
  }

  private static String key(String list, int effectiveDay) {
    return list + "|" + effectiveDay;
  }

  @Override
  public ValueModel at(String list, long instant) {
    int newest = newestDay(instant);
    for (int day = newest; from(day) >= instant - ValueModel.MAX_AGE_MILLIS; day--) {
      ListModel known = get(key(list, day));
      if (known != null) {
        return known.model().ready() ? known.model() : null;
      }
    }
    return null;
  }

  private ListModel get(String key) {
    try {
      return models.get(key);
    } catch (Exception e) {
      throw new FlinkRuntimeException(e);
    }
  }

  @Override
  public long changeAfter(long instant) {
    return from(newestDay(instant) + 1);
  }

  /** The day whose version is the newest that holds at an instant. */
  private int newestDay(long instant) {
    return (int) Math.floorDiv(instant - from(0), DAY);
  }

  private long from(int effectiveDay) {
    return ModelPublisher.effectiveFrom(effectiveDay, latenessMillis);
  }
}
