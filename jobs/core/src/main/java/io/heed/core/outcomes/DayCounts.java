package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.CampaignBound;
import io.heed.core.optimizer.CampaignTally;
import io.heed.core.optimizer.HalfLife;
import io.heed.core.optimizer.Lift;
import io.heed.core.optimizer.ListOutcomes;
import io.heed.core.optimizer.OutcomeCells;
import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What the recipients of one list contribute to one UTC day, in exact integers: what adds up in any
 * order, from any number of tasks.
 */
public final class DayCounts {
  /** Messages of one campaign, by the cells of those who got them. */
  static final class SentCells {
    final Map<HalfLife, OutcomeCells> cells = OutcomeCells.byHalfLife();
    long messages;
    long minutes;
    long costMicros;

    private SentCells merge(SentCells other) {
      other.cells.forEach((halfLife, counts) -> cells.get(halfLife).merge(counts));
      messages += other.messages;
      minutes += other.minutes;
      costMicros += other.costMicros;
      return this;
    }

    /** Minute since 1970 around which they were sent. */
    long meanMinute() {
      return minutes / messages;
    }
  }

  private static final int FORMAT = 1;

  private final ListOutcomes outcomes;
  private final TreeMap<String, SentCells> sent = new TreeMap<>();
  private final ArmCounts arms = new ArmCounts();

  /** Nothing counted. */
  public DayCounts() {
    this(new ListOutcomes());
  }

  private DayCounts(ListOutcomes outcomes) {
    this.outcomes = outcomes;
  }

  /** What is counted without a model. */
  ListOutcomes outcomes() {
    return outcomes;
  }

  /** Messages by campaign, whose expected clicks the model of the day says. */
  Map<String, SentCells> sent() {
    return sent;
  }

  /** Who entered the optimizer's comparison, and who left. */
  ArmCounts arms() {
    return arms;
  }

  /** How many campaigns were counted apart. */
  public int campaigns() {
    return Math.max(sent.size(), outcomes.campaigns().size());
  }

  SentCells sent(String campaign) {
    return sent.computeIfAbsent(campaign, unused -> new SentCells());
  }

  /** Adds what others contribute. */
  public void merge(DayCounts other) {
    outcomes.merge(other.outcomes);
    arms.merge(other.arms);
    other.sent.forEach((campaign, cells) -> sent(campaign).merge(cells));
    CampaignBound.apply(sent, SentCells::merge);
  }

  /** The sums in words, for people and tests. */
  public String summary() {
    Map<Measure, Long> totals = outcomes.totals();
    return "messages %d clickers %d optOuts %d converters %d revenue %d requests %d clicks %d cost %d drawn %s arms %s"
        .formatted(
            sent.values().stream().mapToLong(each -> each.messages).sum(),
            totals.getOrDefault(Measure.CLICKERS, 0L),
            totals.getOrDefault(Measure.OPT_OUTS, 0L),
            totals.getOrDefault(Measure.CONVERTERS, 0L),
            totals.getOrDefault(Measure.MARGIN_MICROS, 0L),
            sum(CampaignTally::requests),
            sum(CampaignTally::clickers),
            sent.values().stream().mapToLong(each -> each.costMicros).sum(),
            drawn(true) + drawn(false),
            arms);
  }

  /** People's days of an arm with their clicks and money. */
  private String drawn(boolean arm) {
    Lift lift = outcomes.lift();
    return "[%d %d %d]".formatted(lift.units(arm), lift.clicks(arm), lift.marginMicros(arm));
  }

  private long sum(ToLongFunction<CampaignTally> figure) {
    return outcomes.campaigns().values().stream().mapToLong(figure).sum();
  }

  /** Writes everything. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    outcomes.write(out);
    arms.write(out);
    out.writeUnsigned(sent.size());
    sent.forEach(
        (campaign, counts) -> {
          out.writeText(campaign);
          counts.cells.values().forEach(cells -> cells.write(out));
          out.writeUnsigned(counts.messages);
          out.writeUnsigned(counts.minutes);
          out.writeUnsigned(counts.costMicros);
        });
  }

  /** What {@link #write} wrote. */
  public static DayCounts read(BinaryReader in) throws BinaryException {
    in.expectFormat("a day's counts", FORMAT);
    DayCounts counts = new DayCounts(ListOutcomes.read(in));
    counts.arms.merge(ArmCounts.read(in));
    for (int left = in.readCount(); left > 0; left--) {
      SentCells sent = counts.sent(in.readText());
      for (HalfLife halfLife : HalfLife.values()) {
        sent.cells.get(halfLife).merge(OutcomeCells.read(in));
      }
      sent.messages = in.readUnsigned();
      sent.minutes = in.readUnsigned();
      sent.costMicros = in.readUnsigned();
    }
    return counts;
  }
}
