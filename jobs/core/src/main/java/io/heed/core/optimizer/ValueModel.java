package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * One version of what the optimizer has learnt of a list: rates of clicks and opt-outs and the
 * value of a subscriber, by class of messages borne and affinity, places used and fatigue.
 */
public final class ValueModel {
  /** Rates are kept in these parts of one. */
  static final double RATE_PARTS = 1e7;

  /** A model that no newer one has followed for so long decides no more. */
  public static final long MAX_AGE_MILLIS = Duration.ofDays(2).toMillis();

  private static final int FORMAT = 1;
  private static final int MIN_EXPECTED_CLICKS = 30;
  private static final int PILOT_MINUTES = 45;

  private final int effectiveDay;
  private final boolean ready;
  private final HalfLife halfLife;
  private final OptimiseSettings settings;
  private final double valuePerClickMicros;
  private final double optOutPriceMicros;
  private final double meanClick;
  private final double[] click;
  private final double[] hazard;
  private final double[] value;
  private final int levels;
  private final FactorModel clicks;
  private final FactorModel optOuts;

  ValueModel(
      int effectiveDay,
      boolean ready,
      HalfLife halfLife,
      OptimiseSettings settings,
      double valuePerClickMicros,
      double optOutPriceMicros,
      double meanClick,
      double[] click,
      double[] hazard,
      double[] value,
      FactorModel clicks,
      FactorModel optOuts) {
    this.effectiveDay = effectiveDay;
    this.ready = ready;
    this.halfLife = halfLife;
    this.settings = settings;
    this.valuePerClickMicros = valuePerClickMicros;
    this.optOutPriceMicros = optOutPriceMicros;
    this.meanClick = meanClick;
    this.click = click;
    this.hazard = hazard;
    this.value = value;
    this.levels = ValueToGo.levels(settings.places());
    this.clicks = clicks;
    this.optOuts = optOuts;
  }

  /** First day on which it may decide. */
  public int effectiveDay() {
    return effectiveDay;
  }

  /** Whether enough is known to decide; else every message is allowed that hard caps allow. */
  public boolean ready() {
    return ready;
  }

  /** How fast fatigue decays. */
  public HalfLife halfLife() {
    return halfLife;
  }

  /** The settings that it was made with. */
  public OptimiseSettings settings() {
    return settings;
  }

  /** Net margin that a click brings, micros. */
  public double valuePerClickMicros() {
    return valuePerClickMicros;
  }

  /** Price of an opt-out beside the value of the subscriber, micros. */
  public double optOutPriceMicros() {
    return optOutPriceMicros;
  }

  /** Probability of a click on an average message, for any recipient. */
  public double meanClick() {
    return meanClick;
  }

  double[] values() {
    return value;
  }

  /** Probability of a click on a message of an average campaign. */
  public double click(int group, double fatigue) {
    return ValueGrid.at(click, group * ValueGrid.POINTS, ValueGrid.position(fatigue));
  }

  /** Probability that the person leaves because of such a message. */
  public double hazard(int group, double fatigue) {
    return ValueGrid.at(hazard, group * ValueGrid.POINTS, ValueGrid.position(fatigue));
  }

  /** Value of a subscriber in micros, just after a request was decided. */
  public double value(int group, int placesUsed, double fatigue) {
    int used = Math.min(levels - 1, placesUsed);
    return ValueGrid.at(
        value, (group * levels + used) * ValueGrid.POINTS, ValueGrid.position(fatigue));
  }

  /** Value of a person in micros on a day, with no place used. */
  public double value(PersonState person, int epochDay) {
    return value(Cell.group(person), 0, person.fatigueMillis(halfLife, epochDay) / 1000.0);
  }

  /** The same after one more message, which may move the person to the next class. */
  double valueAfter(int group, int placesUsed, double fatigue) {
    double same = value(group, placesUsed + 1, fatigue + 1);
    int width = Cell.borneWidth(group / Cell.AFFINITY);
    return width == 0
        ? same
        : same + (value(group + Cell.AFFINITY, placesUsed + 1, fatigue + 1) - same) / width;
  }

  /** What is known of a campaign at some minute. */
  public CampaignFactor factor(CampaignTally tally, DelayCurve delays, long minute) {
    double expected = tally.expectedClicks(minute, delays);
    boolean open = expected >= MIN_EXPECTED_CLICKS || minute - tally.firstMinute() >= PILOT_MINUTES;
    return CampaignFactor.of(
        clicks.posterior(tally.tags(), tally.clickers(), expected),
        optOuts.posterior(tally.tags(), tally.optOuts(), tally.expectedOptOuts()),
        open);
  }

  /** What is expected of a campaign with these tags of which nothing was sent. */
  public CampaignFactor prior(List<String> tags) {
    return CampaignFactor.of(clicks.prior(tags), optOuts.prior(tags), false);
  }

  /** Rounds so that the binary form, an integer of parts, gives back the same bits. */
  static double rounded(double rate, double parts) {
    return Math.rint(rate * parts) / parts;
  }

  /** The version's name: the first 128 bits of SHA-256 of its binary form. */
  public String version() {
    try {
      BinaryWriter out = new BinaryWriter();
      write(out);
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(out.toByteArray()), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Writes some ten kilobytes. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    out.writeUnsigned(effectiveDay);
    out.writeBoolean(ready);
    out.writeByte(halfLife.ordinal());
    settings.write(out);
    out.writeUnsigned((long) valuePerClickMicros);
    out.writeUnsigned((long) optOutPriceMicros);
    out.writeUnsigned(Math.round(meanClick * RATE_PARTS));
    write(out, click, RATE_PARTS);
    write(out, hazard, RATE_PARTS);
    write(out, value, 1);
    clicks.write(out);
    optOuts.write(out);
  }

  /** What {@link #write} wrote. */
  public static ValueModel read(BinaryReader in) throws BinaryException {
    in.expectFormat("a value model", FORMAT);
    int effectiveDay = in.readUnsignedInt();
    boolean ready = in.readBoolean();
    HalfLife halfLife = in.readConstant(HalfLife.values());
    OptimiseSettings settings = OptimiseSettings.read(in);
    int points = Cell.BORNE * Cell.AFFINITY * ValueGrid.POINTS;
    return new ValueModel(
        effectiveDay,
        ready,
        halfLife,
        settings,
        in.readUnsigned(),
        in.readUnsigned(),
        in.readUnsigned() / RATE_PARTS,
        read(in, points, RATE_PARTS),
        read(in, points, RATE_PARTS),
        read(in, points * ValueToGo.levels(settings.places()), 1),
        FactorModel.read(in),
        FactorModel.read(in));
  }

  private static void write(BinaryWriter out, double[] table, double parts) {
    for (double figure : table) {
      out.writeSigned(Math.round(figure * parts));
    }
  }

  private static double[] read(BinaryReader in, int count, double parts) throws BinaryException {
    if (count > in.remaining()) {
      throw new BinaryException(count + " figures in " + in.remaining() + " bytes");
    }
    double[] table = new double[count];
    for (int i = 0; i < count; i++) {
      table[i] = in.readSigned() / parts;
    }
    return table;
  }
}
