package io.heed.sim;

import io.heed.sim.Scenario.Experiment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the texts of each test did, beyond what people do anyway. Against the hold-out this is what
 * a test is out to find: people buy organically in every arm alike, and a text adds to that.
 */
public final class Effects {
  /**
   * The effect of one variant.
   *
   * @param messages that arrived
   * @param expectedPurchases that they cause on average: the sum of their probabilities
   * @param causedPurchases that they did cause
   * @param causedRevenueMicros of those
   */
  public record Effect(
      long messages, double expectedPurchases, long causedPurchases, long causedRevenueMicros) {
    private static final Effect NONE = new Effect(0, 0, 0, 0);
  }

  private final Map<String, Map<String, Effect>> effects = new LinkedHashMap<>();

  void arrived(Message message, double purchaseProbability) {
    add(message, new Effect(1, purchaseProbability, 0, 0));
  }

  void purchased(Message message, long revenueMicros) {
    add(message, new Effect(0, 0, 1, revenueMicros));
  }

  private void add(Message message, Effect more) {
    Experiment experiment = message.experiment();
    if (experiment != null) {
      effects
          .computeIfAbsent(experiment.id(), e -> new LinkedHashMap<>())
          .merge(
              message.variant().id(),
              more,
              (a, b) ->
                  new Effect(
                      a.messages + b.messages,
                      a.expectedPurchases + b.expectedPurchases,
                      a.causedPurchases + b.causedPurchases,
                      a.causedRevenueMicros + b.causedRevenueMicros));
    }
  }

  /** The effect of a variant; zero for one that sent nothing, such as a hold-out. */
  public Effect of(String experimentId, String variantId) {
    return effects.getOrDefault(experimentId, Map.of()).getOrDefault(variantId, Effect.NONE);
  }
}
