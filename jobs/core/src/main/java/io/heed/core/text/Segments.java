package io.heed.core.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a text travels: in the GSM 7-bit alphabet if all of its characters are in it, in UCS-2
 * otherwise, and in how many segments. Source: 3GPP TS 23.038 and 23.040.
 *
 * @param encoding what the whole text is sent in
 * @param units septets or UTF-16 code units
 * @param segments 1, or how many a longer text is cut into; 0 of an empty text
 * @param beyondGsm the characters that are not in the GSM alphabet, in order
 */
public record Segments(Encoding encoding, int units, int segments, List<Unencodable> beyondGsm) {
  /** An encoding, with the units of a message alone and of one part of several. */
  public enum Encoding {
    GSM_7("GSM-7", 160, 153),
    UCS_2("UCS-2", 70, 67);

    private final String label;
    private final int alone;
    private final int part;

    Encoding(String label, int alone, int part) {
      this.label = label;
      this.alone = alone;
      this.part = part;
    }

    /** Units that fit into a message of {@code segments} segments. */
    public int capacity(int segments) {
      return segments <= 1 ? alone : segments * part;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * A character of a text that the GSM alphabet does not have.
   *
   * @param index which of the text's characters it is, from 1
   * @param codePoint the character
   */
  public record Unencodable(int index, int codePoint) {}

  private static final Set<Integer> BASIC =
      set(
          "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
              + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");

  /** Each is an escape and a septet. */
  private static final Set<Integer> EXTENSION = set("\f^{}\\[~]|€");

  /** Of a text. */
  public static Segments of(String text) {
    int[] characters = text.codePoints().toArray();
    List<Unencodable> beyond = new ArrayList<>();
    for (int i = 0; i < characters.length; i++) {
      if (!BASIC.contains(characters[i]) && !EXTENSION.contains(characters[i])) {
        beyond.add(new Unencodable(i + 1, characters[i]));
      }
    }
    Encoding encoding = beyond.isEmpty() ? Encoding.GSM_7 : Encoding.UCS_2;
    int units = 0;
    int segments = 1;
    int inPart = 0;
    for (int character : characters) {
      int width = width(encoding, character);
      units += width;
      // Neither an escape nor a surrogate pair is cut in two.
      if (inPart + width > encoding.part) {
        segments++;
        inPart = 0;
      }
      inPart += width;
    }
    int needed = units == 0 ? 0 : units <= encoding.alone ? 1 : segments;
    return new Segments(encoding, units, needed, List.copyOf(beyond));
  }

  private static int width(Encoding encoding, int character) {
    return encoding == Encoding.UCS_2
        ? Character.charCount(character)
        : EXTENSION.contains(character) ? 2 : 1;
  }

  private static Set<Integer> set(String characters) {
    Set<Integer> set = new HashSet<>();
    characters.codePoints().forEach(set::add);
    return Set.copyOf(set);
  }
}
