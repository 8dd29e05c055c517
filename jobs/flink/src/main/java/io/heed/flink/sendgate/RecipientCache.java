package io.heed.flink.sendgate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.ValueState;

/**
 * The recipients of whom something was heard last, in front of the state: a question is followed by
 * its message within seconds, so that both together cost one read and one write of the state. Has
 * to be flushed before a snapshot and before the state's keys are listed.
 */
final class RecipientCache {
  /** Some seconds of questions; few enough that writing all of them holds up no answer. */
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

  /** The value of the recipient that is chosen; remembered, since more may follow soon. */
  byte[] heard(String recipient) throws IOException {
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

  /** The value of the recipient that is chosen, who is not remembered for it. */
  byte[] looked(String recipient) throws IOException {
    Entry known = entries.get(recipient);
    return known == null ? state.value() : known.value;
  }

  /** Replaces the value of the recipient that is chosen; null forgets it. */
  void update(String recipient, byte[] value) throws IOException {
    Entry known = entries.get(recipient);
    if (known == null) {
      put(value);
    } else {
      known.value = value;
      known.dirty = true;
    }
  }

  /** Writes whatever has not been written; another recipient is chosen afterwards. */
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
