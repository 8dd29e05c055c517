package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.flink.streaming.EventTime.Observed;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class RecordSerializerTest {
  private final RecordSerializer<Event> serializer = new RecordSerializer<>(Event.class);

  @Test
  void readsBackWhatItWrites() throws IOException {
    List<Event> events =
        List.of(
            new Send(
                "e",
                1,
                "r",
                "m",
                "c",
                "l",
                Category.TRANSACTIONAL,
                "x",
                "v",
                3,
                "carrier",
                "US-FL",
                "America/New_York",
                2,
                7_900,
                "q",
                List.of("a", "ü")),
            new Send(
                "e",
                1,
                "r",
                "m",
                "c",
                "l",
                Category.PROMOTIONAL,
                null,
                null,
                null,
                null,
                null,
                null,
                1,
                0,
                null,
                null),
            new Delivery("e", 2, "r", "m", DeliveryStatus.EXPIRED, "30003", null, null),
            new Click("e", 3, "r", null, null, null, null, null),
            new Conversion("e", 4, "r", "c", ConversionKind.REFUND, Long.MAX_VALUE, "o"),
            new SendRequest(
                "e",
                5,
                "r",
                "q",
                "c",
                "l",
                Category.CONVERSATIONAL,
                null,
                -1,
                9L,
                null,
                null,
                List.of("t")));
    DataOutputSerializer out = new DataOutputSerializer(64);
    for (Event event : events) {
      serializer.serialize(event, out);
    }
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    for (Event event : events) {
      assertThat(serializer.deserialize(in)).isEqualTo(event);
    }
    assertThat(in.available()).isZero();
  }

  /** Its form has no version: the next release could not read it. */
  @Test
  void nothingOfItCanBeKeptInState() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(serializer::snapshotConfiguration)
        .withMessageContaining("Event");
  }

  @Test
  void aSavepointFindsItsSerializerAgain() throws IOException {
    BinarySerializer<Observed> stored = new EventTimeOperator.ObservedSerializer();
    TypeSerializerSnapshot<Observed> snapshot = stored.snapshotConfiguration();
    DataOutputSerializer out = new DataOutputSerializer(64);
    snapshot.writeSnapshot(out);
    BinarySerializer.Snapshot<Observed> restored = new BinarySerializer.Snapshot<>();
    restored.readSnapshot(
        1, new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());
    assertThat(restored.restoreSerializer()).isEqualTo(stored);
    assertThat(snapshot.resolveSchemaCompatibility(restored).isCompatibleAsIs()).isTrue();
  }
}
