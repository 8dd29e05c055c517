package io.heed.flink.sendgate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.ValueState;

/**
 * The recipients of recent requests, in front of the state: a request is followed by its message
 * within seconds, so that both together cost one read and one write of the state. Others are not
 * kept, since nothing says that more of them follows soon. Has to be flushed before a snapshot and
 * before the state's keys are listed.
 */
final class RecipientCache {
  /** Some seconds of requests; few enough that writing all of them holds up no verdict. */
  static final int MOST = 4_096;

  private static final class Entry {
    byte[] value;
    boolean dirty;
  }

  private final ValueState<byte[]> state;
  private final Consumer<String> setCurrentKey;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(MOST * 2, 0.75f, true);

  /**
   * @param state by recipient
   * @param setCurrentKey chooses the recipient whose state is meant
   */
  RecipientCache(ValueState<byte[]> state, Consumer<String> setCurrentKey) {
    this.state = state;
    this.setCurrentKey = setCurrentKey;
  }

  /** The value of the current recipient, which is kept from now on. */
  byte[] keep(String recipient) throws IOException {
    Entry known = entries.get(recipient);
    if (known != null) {
      return known.value;
    }
    Entry entry = new Entry();
    entry.value = state.value();
    entries.put(recipient, entry);
    if (entries.size() > MOST) {
      Map.Entry<String, Entry> eldest = entries.entrySet().iterator().next();
      if (eldest.getValue().dirty) {
        write(eldest.getKey(), eldest.getValue());
        setCurrentKey.accept(recipient);
      }
      entries.remove(eldest.getKey());
    }
    return entry.value;
  }

  /** The value of the current recipient. */
  byte[] value(String recipient) throws IOException {
    Entry known = entries.get(recipient);
    return known == null ? state.value() : known.value;
  }

  /** Replaces the value of the current recipient; null removes it. */
  void update(String recipient, byte[] value) throws IOException {
    Entry known = entries.get(recipient);
    if (known == null) {
      put(value);
    } else {
      known.value = value;
      known.dirty = true;
    }
  }

  /** Writes what has not been written; another recipient is current afterwards. */
  void flush() throws IOException {
    for (Map.Entry<String, Entry> each : entries.entrySet()) {
      if (each.getValue().dirty) {
        write(each.getKey(), each.getValue());
      }
    }
  }

  private void write(String recipient, Entry entry) throws IOException {
    setCurrentKey.accept(recipient);
    put(entry.value);
    entry.dirty = false;
  }

  private void put(byte[] value) throws IOException {
    if (value == null) {
      state.clear();
    } else {
      state.update(value);
    }
  }
}
