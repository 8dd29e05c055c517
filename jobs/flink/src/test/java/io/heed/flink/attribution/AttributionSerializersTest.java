package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.attribution.Attributed;
import io.heed.core.attribution.Converted;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftCounts;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.PathTouch;
import io.heed.core.attribution.TransitionCounts;
import io.heed.core.model.ConversionKind;
import io.heed.flink.streaming.CompactTypeInfo;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** Bytes that a savepoint of an earlier release may hold. */
class AttributionSerializersTest {
  private static final String CREDIT_1 =
      "0000001c0101721200010170030e0a026f00000000040103736d730263000006";

  @Test
  void aConversionThatWaitsKeepsItsForm() throws IOException {
    Converted conversion = new Converted("p", ConversionKind.REFUND, 7, 5, "o", 0);
    PathTouch touch = new PathTouch(PathTouch.SMS, "c", null, null, 3);
    MarkovCredit credit =
        new MarkovCredit("r", null, new Attributed(conversion, 2, List.of(touch)), 9);
    assertThat(roundTrip(AttributionSerializers.MARKOV_CREDIT, credit)).isEqualTo(credit);
    assertThat(read(AttributionSerializers.MARKOV_CREDIT, HexFormat.of().parseHex(CREDIT_1)))
        .isEqualTo(credit);
  }

  @Test
  void countsOfADayKeepTheirForm() throws IOException {
    TransitionCounts counts = new TransitionCounts();
    counts.add(TransitionCounts.START, "a", 3);
    counts.add("a", TransitionCounts.NULL, -2);
    assertThat(roundTrip(AttributionSerializers.TRANSITION_COUNTS, counts).asMap())
        .isEqualTo(counts.asMap());
    byte[] formatOne = HexFormat.of().parseHex("0000000c0101016106286e756c6c2903");
    assertThat(read(AttributionSerializers.TRANSITION_COUNTS, formatOne).asMap())
        .containsExactlyEntriesOf(
            Map.of(new TransitionCounts.Transition("a", TransitionCounts.NULL), -2L));
  }

  @Test
  void longTextsTravel() throws IOException {
    String text = "x".repeat(70_000);
    Converted conversion = new Converted(text, ConversionKind.PURCHASE, 7, 5, text, 0);
    PathTouch touch = new PathTouch(text, text, text, text, 3);
    MarkovCredit credit =
        new MarkovCredit(text, null, new Attributed(conversion, 2, List.of(touch)), 9);
    assertThat(roundTrip(AttributionSerializers.MARKOV_CREDIT, credit)).isEqualTo(credit);
    LiftDelta delta = new LiftDelta(text, text, 0, false, 1, LiftCounts.NONE, LiftCounts.NONE);
    assertThat(roundTrip(AttributionSerializers.LIFT_DELTA, delta)).isEqualTo(delta);
    DayModel model = new DayModel(1, Map.of(text, 0.5));
    assertThat(roundTrip(AttributionSerializers.DAY_MODEL, model)).isEqualTo(model);
  }

  private static <T> T roundTrip(CompactTypeInfo<T> type, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    type.createSerializer(null).serialize(value, out);
    return read(type, out.getCopyOfBuffer());
  }

  private static <T> T read(CompactTypeInfo<T> type, byte[] bytes) throws IOException {
    return type.createSerializer(null).deserialize(new DataInputDeserializer(bytes));
  }
}
