package io.heed.core.optimizer;

import io.heed.core.optimizer.FactorModel.Evidence;
import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the next value model of a list when a day of event time closes: a function of what was
 * counted, the settings and the model before.
 */
public final class ModelBuilder {
  private static final int MINUTES_A_DAY = 1440;
  private static final int RECENT_DAYS = 21;
  private static final int MIX_DAYS = 60;
  private static final int FIRST_SWEEPS = 800;
  private static final int SWEEPS = 20;

  /** Periods of 28 days until outcomes count half. */
  private static final double PERIOD_HALF_LIFE = 6;

  /**
   * By how much, in millionths of log likelihood, another half-life than the usual must be better.
   * A list's first weeks bring a few nats of luck, and a half-life that is too short makes people
   * seem rested who are not.
   */
  private static final long CLEARLY = 4_000_000;

  /** Conversions without which nothing is known of the value of a click. */
  private static final int MIN_CREDITS = 30;

  private ModelBuilder() {}

  /** The model before any outcome: it expects what is usual, and is not ready to decide. */
  public static ValueModel initial(OptimiseSettings settings, int day) {
    return close(new ListOutcomes(), day - 1, settings, 0, null);
  }

  /**
   * Closes a day.
   *
   * @param outcomes what was counted until the end of the day; what has matured moves on
   * @param day the day that closed, days since 1970
   * @param settings the policy's
   * @param optOutPriceMicros price of an opt-out beside the subscriber's own value
   * @param before the model of the day before, or null
   */
  public static ValueModel close(
      ListOutcomes outcomes,
      int day,
      OptimiseSettings settings,
      double optOutPriceMicros,
      ValueModel before) {
    double price = Math.rint(optOutPriceMicros);
    FactorModel clicks = clickFactors(outcomes, day);
    FactorModel optOuts = optOutFactors(outcomes, day);
    mature(outcomes, day, clicks, optOuts);
    HalfLife halfLife = best(outcomes.scores());
    RateTable clickRates = table(outcomes, day, halfLife, Measure.CLICKERS, RateTable.Prior.CLICKS);
    RateTable hazards = table(outcomes, day, halfLife, Measure.OPT_OUTS, RateTable.Prior.OPT_OUTS);
    Lift lift = outcomes.lift();
    double valuePerClick = Math.rint(settings.margin() * lift.valuePerClickMicros());
    CampaignMix mix = mix(outcomes, day, clicks, optOuts);
    double[] click = onGrid(clickRates);
    double[] hazard = onGrid(hazards);
    ValueToGo valueToGo =
        new ValueToGo(
            new ValueToGo.Inputs(
                click,
                hazard,
                mix,
                halfLife,
                valuePerClick,
                settings.costMicros(),
                price,
                settings.horizonDays(),
                settings.places(),
                settings.placesDays()));
    boolean warm = before != null && before.ready();
    double[] value =
        valueToGo.iterate(warm ? before.values() : new double[0], warm ? SWEEPS : FIRST_SWEEPS);
    for (int i = 0; i < value.length; i++) {
      value[i] = Math.rint(value[i]);
    }
    boolean ready = lift.credits() >= MIN_CREDITS && valuePerClick > 0;
    outcomes.expire(day);
    return new ValueModel(
        day + 1,
        ready,
        halfLife,
        settings,
        valuePerClick,
        price,
        ValueModel.rounded(clickRates.mean(), ValueModel.RATE_PARTS),
        click,
        hazard,
        value,
        clicks,
        optOuts);
  }

  /**
   * Moves matured outcomes into their period, after scoring how well each half-life predicted them.
   */
  private static void mature(
      ListOutcomes outcomes, int day, FactorModel clicks, FactorModel optOuts) {
    List<ListOutcomes.Matured> matured = outcomes.takeMatured(day);
    if (matured.isEmpty()) {
      return;
    }
    Map<HalfLife, RateTable> tables = new EnumMap<>(HalfLife.class);
    for (HalfLife halfLife : HalfLife.values()) {
      tables.put(
          halfLife, table(outcomes, day, halfLife, Measure.OPT_OUTS, RateTable.Prior.OPT_OUTS));
    }
    for (ListOutcomes.Matured sent : matured) {
      CampaignTally tally = outcomes.campaigns().get(sent.campaign());
      CampaignFactor factor =
          tally == null
              ? CampaignFactor.AVERAGE
              : factor(tally, (day + 1L) * MINUTES_A_DAY, outcomes.delays(), clicks, optOuts);
      Map<HalfLife, OutcomeCells> period = outcomes.period(sent.day() / ListOutcomes.PERIOD_DAYS);
      sent.cells()
          .forEach(
              (halfLife, cells) -> {
                long score = score(cells, tables.get(halfLife), factor.optOutMillis() / 1000.0);
                outcomes.scores().merge(halfLife, score, Long::sum);
                period
                    .get(halfLife)
                    .mergeCampaign(cells, factor.clickMillis(), factor.optOutMillis());
              });
    }
  }

  /** Log likelihood of opt-outs (Poisson), in millionths. */
  private static long score(OutcomeCells cells, RateTable table, double factor) {
    double sum = 0;
    for (int cell = 0; cell < Cell.COUNT; cell++) {
      long messages = cells.get(cell, Measure.MESSAGES);
      if (messages > 0) {
        double mean = (double) cells.get(cell, Measure.FATIGUE_MILLIS) / messages / 1000;
        double rate = Math.min(0.95, table.at(cell / Cell.FATIGUE, mean) * factor);
        sum += cells.get(cell, Measure.OPT_OUTS) * StrictMath.log(rate) - messages * rate;
      }
    }
    return Math.round(1e6 * sum);
  }

  /** Seven days, unless another has predicted opt-outs clearly better. */
  static HalfLife best(Map<HalfLife, Long> scores) {
    HalfLife best = HalfLife.SEVEN_DAYS;
    long most = scores.getOrDefault(best, 0L) + CLEARLY;
    for (Map.Entry<HalfLife, Long> entry : scores.entrySet()) {
      if (entry.getValue() > most) {
        best = entry.getKey();
        most = entry.getValue();
      }
    }
    return best;
  }

  private static RateTable table(
      ListOutcomes outcomes, int day, HalfLife halfLife, Measure event, RateTable.Prior prior) {
    RateTable.Data data = new RateTable.Data();
    Measure exposure =
        event == Measure.CLICKERS ? Measure.CLICK_EXPOSURE : Measure.OPT_OUT_EXPOSURE;
    int now = day / ListOutcomes.PERIOD_DAYS;
    outcomes
        .periods()
        .forEach(
            (period, cells) ->
                data.add(
                    cells.get(halfLife),
                    event,
                    exposure,
                    StrictMath.pow(2, -Math.max(0, now - period) / PERIOD_HALF_LIFE)));
    return RateTable.fit(data, prior);
  }

  private static double[] onGrid(RateTable table) {
    double[] rates = new double[Cell.BORNE * Cell.AFFINITY * ValueGrid.POINTS];
    for (int group = 0; group < Cell.BORNE * Cell.AFFINITY; group++) {
      for (int k = 0; k < ValueGrid.POINTS; k++) {
        double rate = table.at(group, ValueGrid.fatigue(k));
        rates[group * ValueGrid.POINTS + k] = ValueModel.rounded(rate, ValueModel.RATE_PARTS);
      }
    }
    return rates;
  }

  private static FactorModel clickFactors(ListOutcomes outcomes, int day) {
    List<Evidence> evidence = new ArrayList<>();
    long end = (day + 1L) * MINUTES_A_DAY;
    for (CampaignTally tally : outcomes.campaigns().values()) {
      evidence.add(
          new Evidence(
              tally.tags(),
              tally.clickers(),
              tally.expectedClicks(end, outcomes.delays()),
              isWithin(tally, end, RECENT_DAYS)));
    }
    return FactorModel.fit(evidence);
  }

  private static FactorModel optOutFactors(ListOutcomes outcomes, int day) {
    List<Evidence> evidence = new ArrayList<>();
    long end = (day + 1L) * MINUTES_A_DAY;
    for (CampaignTally tally : outcomes.campaigns().values()) {
      evidence.add(
          new Evidence(
              tally.tags(),
              tally.optOuts(),
              tally.expectedOptOuts(),
              isWithin(tally, end, RECENT_DAYS)));
    }
    return FactorModel.fit(evidence);
  }

  private static CampaignMix mix(
      ListOutcomes outcomes, int day, FactorModel clicks, FactorModel optOuts) {
    long end = (day + 1L) * MINUTES_A_DAY;
    List<CampaignMix.Requested> requested = new ArrayList<>();
    long first = end;
    for (CampaignTally tally : outcomes.campaigns().values()) {
      if (isWithin(tally, end, MIX_DAYS)) {
        CampaignFactor factor = factor(tally, end, outcomes.delays(), clicks, optOuts);
        requested.add(
            new CampaignMix.Requested(
                factor.clickMillis() / 1000.0, factor.optOutMillis() / 1000.0, tally.requests()));
        first = Math.min(first, tally.firstMinute());
      }
    }
    double days = Math.min(MIX_DAYS, (double) (end - first) / MINUTES_A_DAY);
    return CampaignMix.of(requested, days);
  }

  private static boolean isWithin(CampaignTally tally, long endMinute, int days) {
    return tally.lastMinute() >= endMinute - (long) days * MINUTES_A_DAY;
  }

  private static CampaignFactor factor(
      CampaignTally tally,
      long minute,
      DelayCurve delays,
      FactorModel clicks,
      FactorModel optOuts) {
    return CampaignFactor.of(
        clicks.posterior(tally.tags(), tally.clickers(), tally.expectedClicks(minute, delays)),
        optOuts.posterior(tally.tags(), tally.optOuts(), tally.expectedOptOuts()),
        true);
  }
}
