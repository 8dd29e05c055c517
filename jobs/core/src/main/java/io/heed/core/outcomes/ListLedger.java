package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.CampaignTally;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.DelayCurve;
import io.heed.core.optimizer.ListOutcomes;
import io.heed.core.optimizer.ModelBuilder;
import io.heed.core.optimizer.OptOutPrice;
import io.heed.core.optimizer.OptimiseSettings;
import io.heed.core.optimizer.OutcomeCells;
import io.heed.core.optimizer.OutcomeCells.Measure;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.ValueModel;
import java.util.List;

/** All that was counted on one list until the last day that closed, and its value model. */
public final class ListLedger {
  /** Days without an event after which a list is no longer kept. */
  public static final int KEPT_DAYS = 180;

  private static final int FORMAT = 1;
  private static final double MICROS = 1e6;

  private ListOutcomes outcomes = new ListOutcomes();
  private ArmCounts arms = new ArmCounts();
  private ValueModel model;
  private int closedDay;
  private int lastDay;
  private long messages;
  private long costMicros;
  private long seq;

  /** The last UTC day that closed, days since 1970; 0 before the first. */
  public int closedDay() {
    return closedDay;
  }

  /** The value model that was made last; null before the first. */
  public ValueModel model() {
    return model;
  }

  /** How fast clicks come on the list. */
  public DelayCurve delays() {
    return outcomes.delays();
  }

  /** Whether the list has had no event for so long that it is no longer kept. */
  public boolean isEmpty() {
    return closedDay - lastDay > KEPT_DAYS;
  }

  /** The next number of a record about the list: the wall clock, but always growing. */
  public long nextSeq(long wallMillis) {
    seq = Math.max(seq + 1, wallMillis * 1_000);
    return seq;
  }

  /** The average cost of a message, micros. */
  public double costMicros() {
    return messages == 0 ? 0 : (double) costMicros / messages;
  }

  /**
   * Closes a day: what was counted on it becomes known, and the next model follows.
   *
   * @param day days since 1970, later than the last that closed
   * @param counts of the day; null if nothing happened
   * @param margin share of revenue that is net margin
   * @param constrained whether the optimised may opt out no more often than the control
   */
  public void close(int day, DayCounts counts, double margin, boolean constrained) {
    if (model == null) {
      model = ModelBuilder.initial(OptimiseSettings.uncapped(margin, 0), day);
    }
    closedDay = day;
    if (counts != null) {
      lastDay = day;
      outcomes.merge(counts.outcomes());
      arms.merge(counts.arms());
      counts.sent().forEach(this::expect);
    }
    OptimiseSettings settings = OptimiseSettings.uncapped(margin, costMicros());
    model = ModelBuilder.close(outcomes, day, settings, constrained ? price() : 0, model);
  }

  /** The price of an opt-out for the next day, in steps of the value of somebody new. */
  private double price() {
    return OptOutPrice.next(
        model.optOutPriceMicros(),
        model.value(PersonState.NEW, closedDay),
        arms.left(true),
        arms.people(true),
        arms.left(false),
        arms.people(false));
  }

  /** Adds what the model of the day expects of a campaign's messages. */
  private void expect(String campaign, DayCounts.SentCells sent) {
    messages += sent.messages;
    costMicros += sent.costMicros;
    OutcomeCells cells = sent.cells.get(model.halfLife());
    double clicks = 0;
    double optOuts = 0;
    for (int cell = 0; cell < Cell.COUNT; cell++) {
      long count = cells.get(cell, Measure.MESSAGES);
      if (count > 0) {
        int group = cell / Cell.FATIGUE;
        double fatigue = cells.get(cell, Measure.FATIGUE_MILLIS) / 1000.0 / count;
        clicks += count * model.click(group, fatigue);
        optOuts += count * model.hazard(group, fatigue);
      }
    }
    CampaignTally tally = outcomes.campaign(campaign, List.of());
    tally.addMessage(sent.meanMinute(), Math.round(MICROS * clicks), Math.round(MICROS * optOuts));
  }

  /** Writes everything. */
  public byte[] write() {
    BinaryWriter out = new BinaryWriter();
    out.writeByte(FORMAT);
    out.writeUnsigned(closedDay);
    out.writeUnsigned(lastDay);
    out.writeUnsigned(messages);
    out.writeUnsigned(costMicros);
    out.writeUnsigned(seq);
    outcomes.write(out);
    arms.write(out);
    out.writeBoolean(model != null);
    if (model != null) {
      model.write(out);
    }
    return out.toByteArray();
  }

  /**
   * What {@link #write} wrote; null is a list of which nothing is model.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public static ListLedger read(byte[] bytes) throws BinaryException {
    return bytes == null
        ? new ListLedger()
        : BinaryReader.whole(new BinaryReader(bytes), ListLedger::ledger);
  }

  private static ListLedger ledger(BinaryReader in) throws BinaryException {
    in.expectFormat("a list's ledger", FORMAT);
    ListLedger ledger = new ListLedger();
    ledger.closedDay = in.readUnsignedInt();
    ledger.lastDay = in.readUnsignedInt();
    ledger.messages = in.readUnsigned();
    ledger.costMicros = in.readUnsigned();
    ledger.seq = in.readUnsigned();
    ledger.outcomes = ListOutcomes.read(in);
    ledger.arms = ArmCounts.read(in);
    ledger.model = in.readBoolean() ? ValueModel.read(in) : null;
    return ledger;
  }
}
