package io.heed.core.listhealth;

import io.heed.core.listhealth.Table.Cohort;
import io.heed.core.listhealth.Table.ListHealth;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Differences of rows, summed until they are drained: however hot a campaign is, one record per row
 * and drain leaves. Only the minutes of {@code list_health} are counted event by event; hours, days
 * and totals are made of them when drained, distinct people aside. Not safe for concurrent use.
 */
public final class RowDeltas {
  static final int MINUTE = 60;
  static final int HOUR = 3_600;
  static final int DAY = 86_400;
  static final long HOUR_MILLIS = HOUR * 1_000L;
  static final long DAY_MILLIS = DAY * 1_000L;

  private Map<RowKey, long[]> cells = new HashMap<>();

  /** Rows that have a difference. */
  public int size() {
    return cells.size();
  }

  /** The start of the window that an instant lies in. */
  public static long windowStart(long time, int seconds) {
    long millis = seconds * 1_000L;
    return time - Math.floorMod(time, millis);
  }

  /** Counts of a row, to be added to. */
  public long[] at(RowKey key) {
    return at(cells, key);
  }

  private static long[] at(Map<RowKey, long[]> cells, RowKey key) {
    long[] counts = cells.get(key);
    if (counts == null) {
      counts = new long[key.table().metrics()];
      cells.put(key, counts);
    }
    return counts;
  }

  /** Counts of the minute of {@code list_health} that an instant lies in. */
  long[] minute(long time, String list, String campaign) {
    return at(listHealth(windowStart(time, MINUTE), MINUTE, list, campaign));
  }

  static RowKey listHealth(long start, int seconds, String list, String campaign) {
    return new RowKey(Table.LIST_HEALTH, start, seconds, list, campaign, "", "");
  }

  /** Counts of the cohort of a send. */
  long[] cohort(long sentAt, String list, String campaign) {
    return at(new RowKey(Table.SEND_COHORT, windowStart(sentAt, HOUR), 0, list, campaign, "", ""));
  }

  long[] delivery(long sentAt, String list, String campaign, String carrier, String errorClass) {
    return at(
        new RowKey(
            Table.DELIVERY_HEALTH,
            windowStart(sentAt, HOUR),
            0,
            list,
            campaign,
            carrier,
            errorClass));
  }

  long[] response(long sentAt, String list, String campaign, String response, int within) {
    return at(
        new RowKey(
            Table.RESPONSE_TIME, windowStart(sentAt, HOUR), within, list, campaign, response, ""));
  }

  /** Hands out every difference that is not zero, and forgets all. */
  public void drain(Consumer<RowDelta> out) {
    Map<RowKey, long[]> drained = cells;
    if (drained.isEmpty()) {
      return;
    }
    cells = new HashMap<>();
    drained.forEach(
        (key, counts) -> {
          if (isZero(counts)) {
            return;
          }
          switch (key.table()) {
            case LIST_HEALTH -> rollUp(key, counts);
            case SEND_COHORT -> watchOptOuts(key, counts);
            case DELIVERY_HEALTH -> watchDelivery(key, counts);
            default -> {}
          }
          long[] sum = cells.putIfAbsent(key, counts);
          if (sum != null) {
            add(key, counts);
          }
        });
    Map<RowKey, long[]> summed = cells;
    cells = new HashMap<>();
    summed.forEach(
        (key, counts) -> {
          if (!isZero(counts)) {
            out.accept(new RowDelta(key, counts));
          }
        });
  }

  private void rollUp(RowKey key, long[] counts) {
    if (key.seconds() != MINUTE) {
      return;
    }
    long people = counts[ListHealth.CLICKERS];
    counts[ListHealth.CLICKERS] = 0;
    if (!isZero(counts)) {
      long hour = windowStart(key.start(), HOUR);
      long day = windowStart(key.start(), DAY);
      add(listHealth(hour, HOUR, key.list(), key.campaign()), counts);
      add(listHealth(day, DAY, key.list(), key.campaign()), counts);
      if (!key.campaign().isEmpty()) {
        add(listHealth(key.start(), MINUTE, key.list(), ""), counts);
        add(listHealth(hour, HOUR, key.list(), ""), counts);
        add(listHealth(day, DAY, key.list(), ""), counts);
      }
    }
    counts[ListHealth.CLICKERS] = people;
  }

  private void watchOptOuts(RowKey key, long[] counts) {
    long sends = counts[Cohort.SENDS];
    long optOuts = counts[Cohort.OPT_OUTS];
    if (sends != 0 || optOuts != 0) {
      long day = windowStart(key.start(), DAY);
      for (String campaign : new String[] {key.campaign(), ""}) {
        RowKey watched = new RowKey(Table.OPT_OUT_RATE, day, 0, key.list(), campaign, "", "");
        add(watched, sends, optOuts);
      }
    }
  }

  private void watchDelivery(RowKey key, long[] counts) {
    if (counts[0] != 0 || counts[1] != 0) {
      add(deliveryRate(key.start(), ""), counts[0], counts[1]);
      if (!key.part().isEmpty()) {
        add(deliveryRate(key.start(), key.part()), counts[0], counts[1]);
      }
    }
  }

  private static RowKey deliveryRate(long hour, String carrier) {
    return new RowKey(Table.DELIVERY_RATE, hour, 0, "", "", carrier, "");
  }

  private void add(RowKey key, long... counts) {
    long[] sum = at(cells, key);
    for (int i = 0; i < counts.length; i++) {
      sum[i] += counts[i];
    }
  }

  private static boolean isZero(long[] counts) {
    for (long count : counts) {
      if (count != 0) {
        return false;
      }
    }
    return true;
  }
}
