package io.heed.core.optimizer;

import java.util.List;

/**
 * One version of what the optimizer has learnt of a list: rates of clicks and opt-outs and the value of a
 * subscriber, by class of messages borne and affinity, places used and fatigue.
 */
public final class ValueModel {
  private static final int MIN_EXPECTED_PERCENT = 3000;
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

  /** The model before any outcome: it expects what is usual, and is not ready to decide. */
  public static ValueModel initial(OptimiseSettings settings, int day) {
    return ModelBuilder.close(new ListOutcomes(), day - 1, settings, 0, null);
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

  /** Probability of a click on an average message, whoever gets it. */
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
    boolean open =
        100 * expected >= MIN_EXPECTED_PERCENT || minute - tally.firstMinute() >= PILOT_MINUTES;
    return CampaignFactor.of(
        clicks.posterior(tally.tags(), tally.clickers(), expected),
        optOuts.posterior(tally.tags(), tally.optOuts(), tally.expectedOptOuts()),
        open);
  }

  /** What is expected of a campaign with these tags of which nothing was sent. */
  public CampaignFactor prior(List<String> tags) {
    return CampaignFactor.of(clicks.prior(tags), optOuts.prior(tags), false);
  }
}
