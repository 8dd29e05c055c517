package io.heed.core.model;

/** Scale of an effect against control. */
public enum EffectScale {
  RELATIVE,
  PER_RECIPIENT
}
