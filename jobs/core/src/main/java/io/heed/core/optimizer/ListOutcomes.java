package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Everything that is counted on one list. Outcomes wait, by the day of their message, until they
 * have matured: clicks and opt-outs for 72 hours, money for 7 days. Then they go into periods of 28
 * days, of which the older ones count less. Not safe for concurrent use.
 */
public final class ListOutcomes {
  static final int OPT_OUT_DAYS = 3;
  static final int MARGIN_DAYS = 7;
  static final int PERIOD_DAYS = 28;
  private static final int FORMAT = 1;
  private static final int PERIODS = 13;
  private static final int TALLY_DAYS = 180;

  private final Map<String, CampaignTally> campaigns = new TreeMap<>();
  private final TreeMap<Integer, Map<String, Map<HalfLife, OutcomeCells>>> waiting =
      new TreeMap<>();
  private final TreeMap<Integer, Map<HalfLife, OutcomeCells>> waitingMargin = new TreeMap<>();
  private final TreeMap<Integer, Map<HalfLife, OutcomeCells>> periods = new TreeMap<>();
  private final Map<HalfLife, Long> scoreMicros = new EnumMap<>(HalfLife.class);
  private final DelayCurve delays = new DelayCurve();
  private final Lift lift = new Lift();

  /** The tally of a campaign, made at its first request. */
  public CampaignTally campaign(String id, List<String> tags) {
    CampaignTally tally = campaigns.computeIfAbsent(id, unused -> new CampaignTally(tags));
    tally.tagged(tags);
    return tally;
  }

  /** Cells of one campaign's messages of one day, by half-life. */
  public Map<HalfLife, OutcomeCells> cells(String campaign, int day) {
    return waiting
        .computeIfAbsent(day, unused -> new TreeMap<>())
        .computeIfAbsent(campaign, unused -> OutcomeCells.byHalfLife());
  }

  /** Cells of converters and margin of one day's messages, by half-life. */
  public Map<HalfLife, OutcomeCells> marginCells(int day) {
    return waitingMargin.computeIfAbsent(day, unused -> OutcomeCells.byHalfLife());
  }

  /** Delays of clicks. */
  public DelayCurve delays() {
    return delays;
  }

  /** What a click is worth. */
  public Lift lift() {
    return lift;
  }

  /** Adds the counts of the same list that were kept apart. */
  public void merge(ListOutcomes other) {
    other.campaigns.forEach((id, tally) -> campaign(id, tally.tags()).merge(tally));
    other.waiting.forEach(
        (day, byCampaign) -> byCampaign.forEach((id, cells) -> mergeInto(cells(id, day), cells)));
    other.waitingMargin.forEach((day, cells) -> mergeInto(marginCells(day), cells));
    other.periods.forEach((period, cells) -> mergeInto(period(period), cells));
    other.scoreMicros.forEach((halfLife, score) -> scoreMicros.merge(halfLife, score, Long::sum));
    delays.merge(other.delays);
    lift.merge(other.lift);
    bound();
  }

  /** Counts campaigns beyond the bound as one. */
  private void bound() {
    CampaignBound.apply(
        campaigns,
        (all, one) -> {
          all.merge(one);
          return all;
        });
    waiting
        .values()
        .forEach(
            byCampaign ->
                CampaignBound.apply(
                    byCampaign,
                    (all, one) -> {
                      mergeInto(all, one);
                      return all;
                    }));
  }

  /** The tallies by campaign. */
  public Map<String, CampaignTally> campaigns() {
    return campaigns;
  }

  Map<Integer, Map<HalfLife, OutcomeCells>> periods() {
    return periods;
  }

  Map<HalfLife, Long> scores() {
    return scoreMicros;
  }

  /** Outcomes of one campaign's messages that have had 72 hours. */
  record Matured(int day, String campaign, Map<HalfLife, OutcomeCells> cells) {}

  /** Takes what matured by the end of that day. */
  List<Matured> takeMatured(int day) {
    List<Matured> result = new ArrayList<>();
    Map<Integer, Map<String, Map<HalfLife, OutcomeCells>>> head =
        waiting.headMap(day - OPT_OUT_DAYS, true);
    head.forEach(
        (sent, byCampaign) ->
            byCampaign.forEach((id, cells) -> result.add(new Matured(sent, id, cells))));
    head.clear();
    Map<Integer, Map<HalfLife, OutcomeCells>> margins =
        waitingMargin.headMap(day - MARGIN_DAYS, true);
    margins.forEach((sent, cells) -> mergeInto(period(sent / PERIOD_DAYS), cells));
    margins.clear();
    return result;
  }

  /** Cells of a period. */
  Map<HalfLife, OutcomeCells> period(int period) {
    return periods.computeIfAbsent(period, unused -> OutcomeCells.byHalfLife());
  }

  /** Drops what is too old to count. */
  void expire(int day) {
    periods.headMap(day / PERIOD_DAYS - PERIODS, true).clear();
    long oldest = (day - TALLY_DAYS) * 1440L;
    campaigns.values().removeIf(tally -> tally.lastMinute() < oldest);
    campaigns.values().forEach(tally -> tally.compact((day + 1) * 1440L));
  }

  /** Messages that have matured. */
  public long messages() {
    return periods.values().stream()
        .mapToLong(cells -> cells.get(HalfLife.SEVEN_DAYS).total(Measure.MESSAGES))
        .sum();
  }

  /** Sums of everything that was counted in cells, whether it has matured or not. */
  public Map<Measure, Long> totals() {
    Map<Measure, Long> totals = new EnumMap<>(Measure.class);
    Stream.of(
            waiting.values().stream().flatMap(byCampaign -> byCampaign.values().stream()),
            waitingMargin.values().stream(),
            periods.values().stream())
        .flatMap(each -> each)
        .forEach(
            cells -> {
              for (Measure measure : Measure.values()) {
                totals.merge(measure, cells.get(HalfLife.SEVEN_DAYS).total(measure), Long::sum);
              }
            });
    return totals;
  }

  private static void mergeInto(
      Map<HalfLife, OutcomeCells> target, Map<HalfLife, OutcomeCells> source) {
    source.forEach((halfLife, cells) -> target.get(halfLife).merge(cells));
  }

  /** Writes everything. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    out.writeUnsigned(campaigns.size());
    campaigns.forEach(
        (id, tally) -> {
          out.writeText(id);
          tally.write(out);
        });
    out.writeUnsigned(waiting.size());
    waiting.forEach(
        (day, byCampaign) -> {
          out.writeUnsigned(day);
          out.writeUnsigned(byCampaign.size());
          byCampaign.forEach(
              (id, cells) -> {
                out.writeText(id);
                write(out, cells);
              });
        });
    writeByDay(out, waitingMargin);
    writeByDay(out, periods);
    for (HalfLife halfLife : HalfLife.values()) {
      out.writeSigned(scoreMicros.getOrDefault(halfLife, 0L));
    }
    delays.write(out);
    lift.write(out);
  }

  /** What {@link #write} wrote. */
  public static ListOutcomes read(BinaryReader in) throws BinaryException {
    in.expectFormat("a list's outcomes", FORMAT);
    ListOutcomes outcomes = new ListOutcomes();
    for (int rest = in.readCount(); rest > 0; rest--) {
      outcomes.campaigns.put(in.readText(), CampaignTally.read(in));
    }
    for (int days = in.readCount(); days > 0; days--) {
      int day = in.readUnsignedInt();
      for (int rest = in.readCount(); rest > 0; rest--) {
        mergeInto(outcomes.cells(in.readText(), day), readCells(in));
      }
    }
    readByDay(in, outcomes.waitingMargin);
    readByDay(in, outcomes.periods);
    for (HalfLife halfLife : HalfLife.values()) {
      long score = in.readSigned();
      if (score != 0) {
        outcomes.scoreMicros.put(halfLife, score);
      }
    }
    outcomes.delays.merge(DelayCurve.read(in));
    outcomes.lift.merge(Lift.read(in));
    return outcomes;
  }

  private static void writeByDay(BinaryWriter out, Map<Integer, Map<HalfLife, OutcomeCells>> days) {
    out.writeUnsigned(days.size());
    days.forEach(
        (day, cells) -> {
          out.writeUnsigned(day);
          write(out, cells);
        });
  }

  private static void readByDay(BinaryReader in, Map<Integer, Map<HalfLife, OutcomeCells>> days)
      throws BinaryException {
    for (int rest = in.readCount(); rest > 0; rest--) {
      days.put(in.readUnsignedInt(), readCells(in));
    }
  }

  private static void write(BinaryWriter out, Map<HalfLife, OutcomeCells> cells) {
    for (HalfLife halfLife : HalfLife.values()) {
      cells.get(halfLife).write(out);
    }
  }

  private static Map<HalfLife, OutcomeCells> readCells(BinaryReader in) throws BinaryException {
    Map<HalfLife, OutcomeCells> cells = new EnumMap<>(HalfLife.class);
    for (HalfLife halfLife : HalfLife.values()) {
      cells.put(halfLife, OutcomeCells.read(in));
    }
    return cells;
  }
}
