package io.heed.core.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a state value whose texts repeat and whose instants lie close together: a text stands
 * where it is first written and is a number from then on, an instant is the difference to the one
 * before.
 */
public final class StateWriter extends BinaryWriter {
  /** Up to so many texts are looked through; more have an index. */
  private static final int FEW_TEXTS = 8;

  private final List<String> texts = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private long instant;

  @Override
  public void clear() {
    super.clear();
    texts.clear();
    places.clear();
    instant = 0;
  }

  /** A text that may occur again, or null: 0 for null, else its number from 1. */
  public void writeShared(String text) {
    if (text == null) {
      writeUnsigned(0);
      return;
    }
    int place = texts.size() > FEW_TEXTS ? places.getOrDefault(text, -1) : texts.indexOf(text);
    if (place >= 0) {
      writeUnsigned(place + 1L);
      return;
    }
    texts.add(text);
    for (int i = places.size(); texts.size() > FEW_TEXTS && i < texts.size(); i++) {
      places.put(texts.get(i), i);
    }
    writeUnsigned(texts.size());
    writeText(text);
  }

  /** An instant, epoch milliseconds. */
  public void writeInstant(long at) {
    writeSigned(at - instant);
    instant = at;
  }
}
