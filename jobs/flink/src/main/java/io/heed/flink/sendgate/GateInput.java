package io.heed.flink.sendgate;

import io.heed.core.gate.GateEvent;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.streaming.CompactTypeInfo;
import java.util.List;

/**
 * What flows from the intake to the gate: an event of a recipient, or something for a subtask of
 * the gate as a whole, which travels under a key of that subtask, so that it stays behind the
 * records that it is about.
 *
 * @param key recipient, or a subtask's own key
 * @param event of the recipient, or null
 * @param partition of the record that the event came from
 * @param offset of that record
 * @param progress how far the intake has read, or null
 * @param version a version of a configuration document, or null
 * @param experiment a decision about an experiment, or null
 * @param value a version of what the optimizer has learnt, or null
 * @param erasure of a person, or null
 */
record GateInput(
    String key,
    GateEvent event,
    int partition,
    long offset,
    List<Position> progress,
    ConfigVersion version,
    ExperimentDecision experiment,
    ValueModelVersion value,
    Erasure erasure) {

  /** The type. */
  static final CompactTypeInfo<GateInput> TYPE = CompactTypeInfo.ofRecords(GateInput.class);

  private static final Topic[] TOPICS = Topic.values();

  /** A partition of a topic, by the topic's place in the enum. */
  record Part(int topic, int partition) {
    static Part of(String topic, int partition) {
      return new Part(Topic.valueOf(topic).ordinal(), partition);
    }

    String name() {
      return TOPICS[topic].name();
    }

    boolean isOf(Topic other) {
      return topic == other.ordinal();
    }
  }

  /** The offset after the last record that was read of a partition. */
  record Position(Part part, long next) {}

  static GateInput of(GateEvent event, int partition, long offset) {
    return new GateInput(
        event.recipientId(), event, partition, offset, null, null, null, null, null);
  }

  static GateInput of(String key, List<Position> progress) {
    return new GateInput(key, null, 0, 0, progress, null, null, null, null);
  }

  static GateInput of(String key, ConfigVersion version) {
    return new GateInput(key, null, 0, 0, null, version, null, null, null);
  }

  static GateInput of(String key, ExperimentDecision experiment) {
    return new GateInput(key, null, 0, 0, null, null, experiment, null, null);
  }

  static GateInput of(String key, ValueModelVersion value) {
    return new GateInput(key, null, 0, 0, null, null, null, value, null);
  }

  static GateInput of(String key, Erasure erasure) {
    return new GateInput(key, null, 0, 0, null, null, null, null, erasure);
  }
}
