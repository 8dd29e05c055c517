package io.heed.core.optimizer;

import io.heed.core.optimizer.ValueVerdict.Cause;

/**
 * Decides whether a promotional message that passed everything else is worth its place: it is
 * allowed if v + (1 - h) V(after) is at least V(wait). {@link ValueToGo} says what V is.
 */
public final class Optimizer {
  private static final double MAX_HAZARD = 0.95;
  private static final int MAX_WAIT_DAYS = 30;

  private final Exploration exploration;

  /** Decides with that list's draws. */
  public Optimizer(Exploration exploration) {
    this.exploration = exploration;
  }

  /**
   * Decides about one request.
   *
   * @param model the version that holds
   * @param factor what is known of the campaign
   * @param person what is known of the recipient
   * @param recipientHash hash of the recipient's id
   * @param campaignHash hash of the campaign's id
   * @param epochDay day of the request
   * @param placesUsed messages within the hard cap's window
   */
  public ValueVerdict decide(
      ValueModel model,
      CampaignFactor factor,
      PersonState person,
      long recipientHash,
      long campaignHash,
      int epochDay,
      int placesUsed) {
    if (!model.ready()) {
      return new ValueVerdict(true, Cause.NO_MODEL, 1, 0, 0, 0, 0);
    }
    OptimiseSettings settings = model.settings();
    boolean pilot = exploration.ofCampaign(recipientHash, campaignHash) < settings.pilot();
    if (!pilot && !factor.open()) {
      return new ValueVerdict(false, Cause.PILOT_PENDING, 1, 0, 0, 0, 0);
    }
    int group = Cell.group(person);
    double fatigue = person.fatigueMillis(model.halfLife(), epochDay) / 1000.0;
    double hazard = hazard(model, factor, group, fatigue);
    double brings = brings(model, factor, group, fatigue);
    double worth = model.value(group, placesUsed, fatigue);
    double gain =
        brings
            - hazard * model.optOutPriceMicros()
            + (1 - hazard) * model.valueAfter(group, placesUsed, fatigue)
            - worth;
    if (pilot) {
      return new ValueVerdict(true, Cause.PILOT, 1, brings, hazard, worth, gain);
    }
    double drawn = exploration.ofDay(recipientHash, epochDay);
    if (gain >= 0) {
      boolean withheld = drawn < settings.withheld();
      double propensity = withheld ? settings.withheld() : 1 - settings.withheld();
      return new ValueVerdict(
          !withheld,
          withheld ? Cause.WITHHELD : Cause.WANTED,
          propensity,
          brings,
          hazard,
          worth,
          gain);
    }
    boolean explored = drawn >= 1 - settings.explored();
    double propensity = explored ? settings.explored() : 1 - settings.explored();
    return new ValueVerdict(
        explored,
        explored ? Cause.EXPLORED : Cause.UNWANTED,
        propensity,
        brings,
        hazard,
        worth,
        gain);
  }

  /**
   * The first later day on which fatigue would have decayed enough for the message to be allowed.
   *
   * @return days since 1970, or -1 if it would not be within 30 days
   */
  public static int nextDay(
      ValueModel model, CampaignFactor factor, PersonState person, int epochDay, int placesUsed) {
    int group = Cell.group(person);
    for (int day = epochDay + 1; day <= epochDay + MAX_WAIT_DAYS; day++) {
      double fatigue = person.fatigueMillis(model.halfLife(), day) / 1000.0;
      double hazard = hazard(model, factor, group, fatigue);
      double gain =
          brings(model, factor, group, fatigue)
              - hazard * model.optOutPriceMicros()
              + (1 - hazard) * model.valueAfter(group, placesUsed, fatigue)
              - model.value(group, placesUsed, fatigue);
      if (gain >= 0) {
        return day;
      }
    }
    return -1;
  }

  private static double hazard(ValueModel model, CampaignFactor factor, int group, double fatigue) {
    return Math.min(MAX_HAZARD, model.hazard(group, fatigue) * factor.optOutMillis() / 1000);
  }

  private static double brings(ValueModel model, CampaignFactor factor, int group, double fatigue) {
    return model.click(group, fatigue) * factor.clickMillis() / 1000 * model.valuePerClickMicros()
        - model.settings().costMicros();
  }
}
