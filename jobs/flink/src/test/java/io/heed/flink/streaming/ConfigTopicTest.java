package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ConfigTopicTest {
  @Test
  void aVersionOfAnyLengthTravels() throws IOException {
    String text = "é".repeat(70_000);
    ConfigVersion version = new ConfigVersion(text, text, text, -1, 2, text);
    RecordSerializer<ConfigVersion> serializer = new RecordSerializer<>(ConfigVersion.class);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(version, out);
    assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(version);
  }
}
