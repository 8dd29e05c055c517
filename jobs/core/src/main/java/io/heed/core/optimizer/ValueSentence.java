package io.heed.core.optimizer;

import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.Locale;

/**
 * Explains a verdict in one sentence, with the figures that it was made by, in the reporting
 * currency.
 */
public final class ValueSentence {
  private static final double MICROS = 1e6;

  private ValueSentence() {}

  /**
   * The sentence.
   *
   * @param verdict what was decided
   * @param nextDay first day on which the message would be allowed, days since 1970; -1 without one
   */
  public static String of(ValueVerdict verdict, int nextDay) {
    String figures = figures(verdict);
    String again = again(nextDay);
    return switch (verdict.cause()) {
      case NO_MODEL -> "Not enough is known of this list yet: plain caps decide.";
      case PILOT -> "One of the campaign's first messages, which always pass: " + figures + ".";
      case PILOT_PENDING ->
          "The campaign's first messages are out; what they bring decides. Ask again in minutes.";
      case WANTED -> "This message " + figures + ", and nothing better is likely to come first.";
      case EXPLORED -> "This message " + figures + "; it was sent by chance, to learn.";
      case WITHHELD -> "This message " + figures + "; it was withheld by chance, to learn." + again;
      case UNWANTED -> "This message " + figures + "; " + because(verdict) + "." + again;
    };
  }

  private static String figures(ValueVerdict verdict) {
    return String.format(
        Locale.ROOT,
        "would bring about %.2f and put %.1f %% of a subscriber worth %.2f at risk",
        verdict.brings() / MICROS,
        100 * verdict.hazard(),
        verdict.worthMicros() / MICROS);
  }

  private static String because(ValueVerdict verdict) {
    if (verdict.brings() <= 0) {
      return "it costs more than it brings";
    }
    if (verdict.brings() < verdict.hazard() * verdict.worthMicros()) {
      return "the risk is dearer than what it brings";
    }
    return "a better one usually comes before long";
  }

  private static String again(int nextDay) {
    if (nextDay < 0) {
      return "";
    }
    LocalDate day = LocalDate.ofEpochDay(nextDay);
    return " Ask again on "
        + day.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH)
        + ", "
        + day
        + ".";
  }
}
