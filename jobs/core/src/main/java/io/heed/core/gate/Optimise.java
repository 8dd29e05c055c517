package io.heed.core.gate;

import io.heed.core.config.ConfigNode;
import io.heed.core.optimizer.Exploration;

/**
 * What a policy says about optimisation.
 *
 * @param mode whether promotional messages have to be worth their place
 * @param margin share of revenue that is net margin
 * @param control share of people for whom plain caps decide for ever
 */
public record Optimise(Mode mode, double margin, double control) {
  /** How far the optimizer decides. */
  public enum Mode {
    /** Not at all. */
    OFF,
    /** Verdicts say what it would decide, and are what they are without it. */
    SHADOW,
    /** It decides for everybody but the control. */
    ON
  }

  private static final Exploration CONTROL = new Exploration("optimise-control");

  static Optimise read(ConfigNode node) {
    return new Optimise(
        node.required("mode").choice(Mode.class),
        node.optional("margin").map(n -> n.decimal("0.01", "1").doubleValue()).orElse(0.30),
        node.optional("control").map(n -> n.decimal("0", "0.9").doubleValue()).orElse(0.1));
  }

  /** Whether a person is in the control: one draw for all lists and for ever. */
  boolean inControl(long recipientHash) {
    return CONTROL.ofCampaign(recipientHash, 0) < control;
  }
}
