package io.heed.core.listhealth;

import io.heed.core.listhealth.CountTable.Cohort;
import io.heed.core.listhealth.CountTable.ListHealth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Differences of rows, summed until they are drained: however hot a campaign is, one record per
 * hour and drain leaves. Only the minutes of {@code list_health} are counted event by event; hours,
 * days and totals are made of them when drained, distinct people aside. Not safe for concurrent
 * use.
 */
public final class RowDeltas {
  static final int MINUTE = 60;
  static final int HOUR = 3_600;
  static final int DAY = 86_400;
  static final long MINUTE_MILLIS = MINUTE * 1_000L;
  static final long HOUR_MILLIS = HOUR * 1_000L;
  static final long DAY_MILLIS = DAY * 1_000L;

  private Map<HourRows.Key, HourRows> hours = new HashMap<>();
  private HourRows last; // most of what an event counts for lies in one hour

  /** Hours of lists and campaigns that have a difference. */
  public int size() {
    return hours.size();
  }

  /** The start of the window that an instant lies in. */
  public static long windowStart(long time, int seconds) {
    long millis = seconds * 1_000L;
    return time - Math.floorMod(time, millis);
  }

  private HourRows hour(long time, String list, String campaign) {
    long hour = windowStart(time, HOUR);
    if (last == null
        || last.key().hour() != hour
        || !last.key().campaign().equals(campaign)
        || !last.key().list().equals(list)) {
      last = hours.computeIfAbsent(new HourRows.Key(list, campaign, hour), HourRows::new);
    }
    return last;
  }

  /** Counts of the minute of {@code list_health} that an instant lies in. */
  long[] minute(long time, String list, String campaign) {
    return hour(time, list, campaign).minute(time);
  }

  /** Counts of a window of {@code list_health}. */
  long[] window(long start, int seconds, String list, String campaign) {
    return hour(start, list, campaign).at(CountTable.LIST_HEALTH, start, seconds, "", "");
  }

  /** Counts of the cohort of a send. */
  long[] cohort(long sentAt, String list, String campaign) {
    return hour(sentAt, list, campaign).at(CountTable.SEND_COHORT, sentAt, 0, "", "");
  }

  long[] delivery(long sentAt, String list, String campaign, String carrier, String errorClass) {
    return hour(sentAt, list, campaign)
        .at(CountTable.DELIVERY_HEALTH, sentAt, 0, carrier, errorClass);
  }

  long[] response(long sentAt, String list, String campaign, String response, int within) {
    return hour(sentAt, list, campaign).at(CountTable.RESPONSE_TIME, sentAt, within, response, "");
  }

  /** Adds those of other differences that are above zero. */
  void addIncreases(RowDeltas others) {
    others
        .hours
        .values()
        .forEach(
            from ->
                from.forEach(
                    (row, counts) -> {
                      long[] own =
                          hours
                              .computeIfAbsent(from.key(), HourRows::new)
                              .at(
                                  row.table(),
                                  row.start(),
                                  row.seconds(),
                                  row.part(),
                                  row.errorClass());
                      for (int i = 0; i < own.length; i++) {
                        own[i] += Math.max(0, counts[i]);
                      }
                    }));
  }

  /**
   * Hands out every difference that is not zero, and clears all.
   *
   * @param rows takes those that people read
   * @param watched takes those that alerts watch
   */
  public void drain(Consumer<HourRows> rows, Consumer<RowDelta> watched) {
    List<HourRows> counted = List.copyOf(hours.values());
    // Totals before campaigns, which add to their minutes what must not be summed again.
    counted.stream().filter(RowDeltas::isTotal).forEach(this::rollUp);
    counted.stream().filter(hour -> !isTotal(hour)).forEach(this::rollUp);
    hours.values().stream().filter(hour -> !hour.isEmpty()).forEach(rows);
    hours = new HashMap<>();
    last = null;

    Map<RowKey, long[]> sums = new HashMap<>();
    counted.forEach(hour -> hour.forEach((row, counts) -> watch(row, counts, sums)));
    sums.forEach(
        (row, counts) -> {
          if (!HourRows.isZero(counts)) {
            watched.accept(new RowDelta(row, counts));
          }
        });
  }

  private static boolean isTotal(HourRows hour) {
    return hour.key().campaign().isEmpty();
  }

  private void rollUp(HourRows counted) {
    String list = counted.key().list();
    String campaign = counted.key().campaign();
    long hour = counted.key().hour();
    long[] sum = new long[CountTable.LIST_HEALTH.metrics()];
    counted.forEach(
        (row, counts) -> {
          if (row.table() == CountTable.LIST_HEALTH && row.seconds() == MINUTE) {
            addAllButPeople(sum, counts);
            if (!campaign.isEmpty()) {
              addAllButPeople(minute(row.start(), list, ""), counts);
            }
          }
        });
    if (HourRows.isZero(sum)) {
      return;
    }
    long day = windowStart(hour, DAY);
    addAllButPeople(window(hour, HOUR, list, campaign), sum);
    addAllButPeople(window(day, DAY, list, campaign), sum);
    if (!campaign.isEmpty()) {
      addAllButPeople(window(hour, HOUR, list, ""), sum);
      addAllButPeople(window(day, DAY, list, ""), sum);
    }
  }

  private static void addAllButPeople(long[] sum, long[] counts) {
    for (int i = 0; i < counts.length; i++) {
      sum[i] += i == ListHealth.CLICKERS ? 0 : counts[i];
    }
  }

  private static void watch(RowKey row, long[] counts, Map<RowKey, long[]> sums) {
    if (row.table() == CountTable.SEND_COHORT) {
      long day = windowStart(row.start(), DAY);
      for (String campaign : new String[] {row.campaign(), ""}) {
        add(
            new RowKey(CountTable.OPT_OUT_RATE, day, 0, row.list(), campaign, "", ""),
            counts[Cohort.SENDS],
            counts[Cohort.OPT_OUTS],
            sums);
      }
    } else if (row.table() == CountTable.DELIVERY_HEALTH) {
      add(deliveryRate(row.start(), ""), counts[0], counts[1], sums);
      if (!row.part().isEmpty()) {
        add(deliveryRate(row.start(), row.part()), counts[0], counts[1], sums);
      }
    }
  }

  private static RowKey deliveryRate(long hour, String carrier) {
    return new RowKey(CountTable.DELIVERY_RATE, hour, 0, "", "", carrier, "");
  }

  private static void add(RowKey watched, long all, long some, Map<RowKey, long[]> sums) {
    long[] sum = sums.computeIfAbsent(watched, row -> new long[2]);
    sum[0] += all;
    sum[1] += some;
  }
}
