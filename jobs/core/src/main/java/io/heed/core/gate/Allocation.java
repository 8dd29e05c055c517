package io.heed.core.gate;

import io.heed.core.model.SendRequest;

/** Draws the variant of a message that everything else allows: the last check of a request. */
public interface Allocation {
  /** What a draw says. */
  enum Kind {
    /** The experiment has nothing to say. */
    NONE,
    /** The message goes out as that variant. */
    VARIANT,
    /** The recipient is held out and gets no message. */
    HOLDOUT,
    /** The recipient waits for the result. */
    WAIT
  }

  /**
   * The answer.
   *
   * @param variantId of VARIANT and HOLDOUT
   * @param epoch allocation epoch
   * @param notBefore of WAIT: when to ask again, epoch milliseconds
   */
  record Draw(Kind kind, String variantId, int epoch, long notBefore) {
    /** Nothing to say. */
    public static final Draw NONE = new Draw(Kind.NONE, null, 0, 0);
  }

  /** No experiments. */
  Allocation NONE = (request, keptVariant, keptEpoch) -> Draw.NONE;

  /**
   * Draws; the same for the same arguments and allocation.
   *
   * @param keptVariant the variant that the recipient has in the request's experiment, or null
   * @param keptEpoch its epoch
   */
  Draw draw(SendRequest request, String keptVariant, int keptEpoch);
}
