package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.codec.BinaryException;
import io.heed.core.model.ConversionKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** A state that the last release wrote must stay readable: its bytes are kept as a file. */
class HistoryCodecTest {
  @Test
  void readsFormatOne() throws IOException {
    if (Boolean.getBoolean("heed.states.write")) {
      Files.writeString(
          Path.of("src/test/resources/attribution/history-v1.hex"),
          HexFormat.of().formatHex(HistoryCodec.write(example())) + "\n");
    }
    byte[] golden = golden("history-v1.hex");
    assertThat(HexFormat.of().formatHex(HistoryCodec.write(example())))
        .isEqualTo(HexFormat.of().formatHex(golden));
    assertThat(HistoryCodec.write(HistoryCodec.read(golden))).isEqualTo(golden);
    History history = HistoryCodec.read(golden);
    assertThat(history.timer()).isEqualTo(1_800_000_000_000L);
    assertThat(history.conversions).isEqualTo(example().conversions);
    assertThat(history.exposures).isEqualTo(example().exposures);
    assertThat(history.optOuts).isEqualTo(example().optOuts);
    assertThat(history.touchpoints)
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyElementsOf(example().touchpoints);
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    assertThatThrownBy(() -> HistoryCodec.read(new byte[] {2})).hasMessageContaining("format 2");
    byte[] golden = golden("history-v1.hex");
    for (int length = 0; length < golden.length; length++) {
      byte[] cut = Arrays.copyOf(golden, length);
      assertThatThrownBy(() -> HistoryCodec.read(cut)).isInstanceOf(BinaryException.class);
    }
  }

  private static History example() {
    History history = new History();
    history.seq = 1_753_000_000_000_123L;
    history.closedDay = 20_290;
    history.timer(1_800_000_000_000L);
    history.evicted = 300;
    Touchpoint message = new Touchpoint(true, -5);
    message.campaignId = "Frühling";
    message.variantId = "b";
    message.experimentId = "subject-line";
    message.sentAt = 1_752_000_000_000L;
    message.deliveredAt = 1_752_000_001_000L;
    message.costMicros = 7_900;
    message.plainClickAt = 1_751_999_000_000L;
    message.agentClicks = new long[] {1_752_000_000_500L, 1_752_000_700_000L};
    history.touchpoints.add(message);
    Touchpoint touch = new Touchpoint(false, 77);
    touch.channel = "email";
    touch.deliveredAt = 1_751_000_000_000L;
    history.touchpoints.add(touch);
    history.conversions.add(
        new Converted("o-1", ConversionKind.PURCHASE, 1_752_000_900_000L, 45_000_000, null, -3));
    history.conversions.add(
        new Converted("o-2", ConversionKind.REFUND, 1_752_100_900_000L, 5_000_000, "o-1", 0));
    history.exposures.add(
        new ExperimentExposure(
            "optimizer|l|1",
            "optimised",
            3,
            1_752_000_000_000L,
            false,
            1_752_000_000_000L,
            9_000_000));
    history.optOuts.add(1_752_000_000_000L);
    return history;
  }

  private static byte[] golden(String name) throws IOException {
    Path file = Path.of("src/test/resources/attribution", name);
    return HexFormat.of().parseHex(Files.readString(file).strip());
  }
}
