package io.heed.core.model;

import com.fasterxml.jackson.core.JsonParser;
import io.heed.core.model.RecordShape.Component;
import java.io.IOException;

/** What a value that is read has to keep to, whatever field it is of. */
final class ValueChecks {
  private ValueChecks() {}

  static void expect(boolean holds, Component component, String what) throws UnreadableException {
    if (!holds) {
      throw new UnreadableException(component.name() + ": " + what);
    }
  }

  /** A text within its bound that every writer of UTF-8 can write. */
  static String bounded(String text, int most, Component component) throws UnreadableException {
    if (text.length() > most) {
      int characters = text.codePointCount(0, text.length());
      if (characters > most) {
        throw new UnreadableException(
            component.name() + ": " + characters + " characters, allowed are " + most);
      }
    }
    expect(Texts.isWellFormed(text), component, "half a character (an unpaired surrogate)");
    return text;
  }

  static double fraction(JsonParser parser, Component component)
      throws IOException, UnreadableException {
    double value = parser.getDoubleValue();
    expect(Double.isFinite(value), component, "a number of 64 bits is needed");
    return value;
  }
}
