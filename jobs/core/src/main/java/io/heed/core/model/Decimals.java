package io.heed.core.model;

import java.math.BigDecimal;

/** Decimal numbers of texts from outside: {@code 1e999999999} is short and has a billion digits. */
public final class Decimals {
  /** The longest text that is a number. */
  public static final int MAX_CHARACTERS = 60;

  private static final int MAX_SCALE = 40;

  private Decimals() {}

  /** The number, which is safe to compute with; null if it is none, or too long or large. */
  public static BigDecimal parse(String text) {
    if (text.length() > MAX_CHARACTERS) {
      return null;
    }
    try {
      BigDecimal number = new BigDecimal(text);
      return Math.abs((long) number.scale()) <= MAX_SCALE ? number : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
