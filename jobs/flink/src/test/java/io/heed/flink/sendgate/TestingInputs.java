package io.heed.flink.sendgate;

import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.Input;
import java.nio.charset.StandardCharsets;

/** Records as they come from Kafka. */
final class TestingInputs {
  private static final TopicCodec CODEC = new TopicCodec();

  private TestingInputs() {}

  static Input json(Topic topic, long offset, long appendTime, String key, String json) {
    return Input.decode(
        CODEC,
        topic,
        0,
        offset,
        appendTime,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        json == null ? null : json.getBytes(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("unchecked")
  static <T extends Record> Input record(
      Topic topic, long offset, long appendTime, String key, T record) {
    byte[] json = JsonCodec.of((Class<T>) record.getClass()).write(record);
    return Input.decode(
        CODEC, topic, 0, offset, appendTime, key.getBytes(StandardCharsets.UTF_8), json);
  }
}
