package io.heed.core.gate;

import io.heed.core.config.ConfigNode;
import io.heed.core.optimizer.Exploration;
import java.util.regex.Pattern;

/**
 * What a policy says about optimisation.
 *
 * @param mode whether promotional messages have to be worth their place
 * @param margin share of revenue that is net margin
 * @param control share of people for whom plain caps decide for ever
 * @param optOuts whether opt-outs have a price beside the value of the subscriber
 * @param salt of the draw of the control; another one draws other people and compares from the
 *     beginning
 */
public record Optimise(Mode mode, double margin, double control, OptOuts optOuts, String salt) {
  /** How far the optimizer decides. */
  public enum Mode {
    /** Not at all. */
    OFF,
    /** Verdicts say what it would decide, and are what they are without it. */
    SHADOW,
    /** It decides for everybody but the control, half of all people unless the policy says more. */
    TEST,
    /** It decides for everybody but the control, a tenth unless the policy says more. */
    ON
  }

  /** What opt-outs may cost. */
  public enum OptOuts {
    /** The value of the subscriber. */
    FREE,
    /** More than that while the optimised leave more often than the control. */
    AT_MOST_CONTROL
  }

  /** The arm of those for whom the optimizer decides. */
  public static final String OPTIMISED = "optimised";

  /** The arm of those for whom plain caps decide. */
  public static final String CONTROL = "control";

  private static final String EXPERIMENT = "optimizer|";
  private static final String SALT = "1";
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final String NAME_ALLOWED =
      "up to 64 lower-case letters, digits, dots, hyphens and underscores";

  static Optimise read(ConfigNode node) {
    Mode mode = node.required("mode").choice(Mode.class);
    return new Optimise(
        mode,
        node.optional("margin").map(n -> n.decimal("0.01", "1").doubleValue()).orElse(0.30),
        node.optional("control")
            .map(n -> n.decimal("0", "0.9").doubleValue())
            .orElse(mode == Mode.TEST ? 0.5 : 0.1),
        node.optional("opt_outs").map(n -> n.choice(OptOuts.class)).orElse(OptOuts.FREE),
        node.optional("salt").map(n -> n.text(NAME, NAME_ALLOWED)).orElse(SALT));
  }

  /** Whether what it earns is compared with a control. */
  public boolean compares() {
    return (mode == Mode.TEST || mode == Mode.ON) && control > 0;
  }

  /** Whether a person is in the control: one draw for all lists with that salt, and for ever. */
  boolean inControl(long recipientHash) {
    return new Exploration(EXPERIMENT + salt).ofCampaign(recipientHash, 0) < control;
  }

  /** Name of the comparison of a list on assignments, in results and decisions. */
  public String key(String list) {
    return EXPERIMENT + list + "|" + salt;
  }

  /** Names the share of the control, within which both arms are comparable. */
  public int epoch() {
    return (int) Math.round(control * 1e6);
  }

  /** Whether an experiment's name is one of {@link #key}. */
  public static boolean isKey(String experimentId) {
    return experimentId.startsWith(EXPERIMENT);
  }

  /** The list of a {@link #key}. */
  public static String listOf(String key) {
    return key.substring(EXPERIMENT.length(), key.lastIndexOf('|'));
  }
}
