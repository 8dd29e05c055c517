package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.codec.Hash64;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.optimizer.CampaignFactor;
import io.heed.core.optimizer.CampaignTally;
import io.heed.core.optimizer.DelayCurve;
import io.heed.core.optimizer.ValueModel;
import java.util.List;

/**
 * What one campaign has brought so far, counted as soon as it is known, and the factors that follow
 * from it. The counts do not depend on the order of facts; which of them a factor was made of does
 * depend on when they came, so it is published as a version of its own.
 */
public final class CampaignLedger {
  /** Minutes after the last message in which factors are still made: most clicks have come. */
  public static final long YOUNG_MINUTES = 240;

  private static final int FORMAT = 1;
  private static final long MINUTE = 60_000;
  private static final double MICROS = 1e6;

  /** Minutes until a factor holds: by then it has been published and read. */
  private static final long AHEAD_MINUTES = 2;

  private final String list;
  private final String campaign;
  private CampaignTally tally = new CampaignTally(List.of());
  private long lastSent;
  private long lastMinute;
  private long seq;
  private CampaignFactor published;

  /** Nothing counted. */
  public CampaignLedger(String list, String campaign) {
    this.list = list;
    this.campaign = campaign;
  }

  /** The list of the campaign. */
  public String list() {
    return list;
  }

  /** Counts a fact; of a message, what the model expects it to bring. */
  public void add(CampaignFact fact, ValueModel model) {
    tally.tagged(fact.tags());
    lastMinute = Math.max(lastMinute, fact.minute());
    switch (fact.kind()) {
      case CLICKED -> tally.addClicker();
      case LEFT -> tally.addOptOut();
      case SENT -> {
        double fatigue = fact.fatigueMillis().get(model.halfLife().ordinal()) / 1000.0;
        tally.addMessage(
            fact.minute(),
            Math.round(MICROS * model.click(fact.group(), fatigue)),
            Math.round(MICROS * model.hazard(fact.group(), fatigue)));
        lastSent = Math.max(lastSent, fact.minute());
      }
    }
  }

  /** Minute of the newest fact since 1970. */
  public long lastMinute() {
    return lastMinute;
  }

  /** Whether clicks on the campaign's messages are still to come. */
  public boolean isYoung(long minute) {
    return minute - lastSent <= YOUNG_MINUTES;
  }

  /**
   * The factors as they are known now.
   *
   * @param minute now, in event time, since 1970
   * @param wallMillis the wall clock, epoch milliseconds
   * @return null if they are as published
   */
  public ValueModelVersion next(ValueModel model, DelayCurve delays, long minute, long wallMillis) {
    CampaignFactor factor = model.factor(tally, delays, minute);
    if (factor.equals(published)) {
      return null;
    }
    published = factor;
    seq = Math.max(seq + 1, wallMillis * 1_000);
    String id = Hash64.id("campaign", list, campaign, factor, minute);
    return new ValueModelVersion(
        id,
        minute * MINUTE,
        wallMillis,
        List.of(),
        seq,
        list,
        ValueModelVersion.CAMPAIGN + campaign,
        ValueModelVersion.name(id),
        (minute + AHEAD_MINUTES) * MINUTE,
        factor.open(),
        null,
        null,
        null,
        factor.clickMillis(),
        factor.optOutMillis());
  }

  /** Writes everything. */
  public byte[] write() {
    BinaryWriter out = new BinaryWriter();
    out.writeByte(FORMAT);
    out.writeText(list);
    out.writeText(campaign);
    tally.write(out);
    out.writeUnsigned(lastSent);
    out.writeUnsigned(lastMinute);
    out.writeUnsigned(seq);
    out.writeBoolean(published != null);
    if (published != null) {
      out.writeUnsigned(published.clickMillis());
      out.writeUnsigned(published.optOutMillis());
      out.writeBoolean(published.open());
    }
    return out.toByteArray();
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public static CampaignLedger read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new BinaryReader(bytes), CampaignLedger::ledger);
  }

  private static CampaignLedger ledger(BinaryReader in) throws BinaryException {
    in.expectFormat("a campaign's ledger", FORMAT);
    CampaignLedger ledger = new CampaignLedger(in.readText(), in.readText());
    ledger.tally = CampaignTally.read(in);
    ledger.lastSent = in.readUnsigned();
    ledger.lastMinute = in.readUnsigned();
    ledger.seq = in.readUnsigned();
    if (in.readBoolean()) {
      ledger.published =
          new CampaignFactor(in.readUnsignedInt(), in.readUnsignedInt(), in.readBoolean());
    }
    return ledger;
  }
}
