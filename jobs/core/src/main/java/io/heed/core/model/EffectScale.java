package io.heed.core.model;

/** What an effect of arm B against arm A means. */
public enum EffectScale {
  /** Of a binary metric: the ratio of the two rates minus one. */
  RELATIVE,
  /** Of a mean: the difference in micros per recipient. */
  PER_RECIPIENT
}
