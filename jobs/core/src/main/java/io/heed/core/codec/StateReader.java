package io.heed.core.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads what a {@link StateWriter} wrote. */
public final class StateReader extends BinaryReader {
  private final TextCache cache;
  private final List<String> texts = new ArrayList<>();
  private long instant;

  public StateReader(byte[] bytes) {
    this(bytes, null);
  }

  /** With the texts that other values have had. */
  public StateReader(byte[] bytes, TextCache cache) {
    super(bytes);
    this.cache = cache;
  }

  /** What {@link StateWriter#writeShared} wrote, unless it is null. */
  public String readShared() throws BinaryException {
    String text = readNullableShared();
    if (text == null) {
      throw new BinaryException("no text where one is needed");
    }
    return text;
  }

  /** What {@link StateWriter#writeShared} wrote. */
  public String readNullableShared() throws BinaryException {
    int number = readIndex(texts.size() + 2);
    if (number <= texts.size()) {
      return number == 0 ? null : texts.get(number - 1);
    }
    int count = readCount();
    int from = skip(count);
    String text = text(from, count);
    texts.add(text);
    return text;
  }

  private String text(int from, int count) {
    return cache == null
        ? new String(bytes, from, count, StandardCharsets.UTF_8)
        : cache.text(bytes, from, count);
  }

  /** What {@link StateWriter#writeInstant} wrote. */
  public long readInstant() throws BinaryException {
    instant += readSigned();
    return instant;
  }
}
