package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.statistics.Interval;
import io.heed.core.statistics.RunningComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A state that the last release wrote must stay readable: its bytes are kept as a file. */
class LiftCodecTest {
  private static final Path GOLDEN = Path.of("src/test/resources/attribution/lift-v1.hex");

  @Test
  void readsFormatOne() throws IOException {
    if (Boolean.getBoolean("heed.states.write")) {
      Files.writeString(GOLDEN, HexFormat.of().formatHex(LiftCodec.write(example())) + "\n");
    }
    byte[] golden = HexFormat.of().parseHex(Files.readString(GOLDEN).strip());
    LiftLedger ledger = LiftCodec.read(golden);
    LiftLedger example = example();
    assertThat(ledger.seq).isEqualTo(9);
    assertThat(ledger.stopped).isTrue();
    assertThat(ledger.arms).isEqualTo(example.arms);
    assertThat(ledger.waiting).isEqualTo(example.waiting);
    assertThat(ledger.running).isEqualTo(example.running);
    assertThat(LiftCodec.write(ledger)).isEqualTo(golden);
  }

  private static LiftLedger example() {
    LiftLedger ledger = new LiftLedger();
    ledger.seq = 9;
    ledger.stopped = true;
    ledger.arms.put(
        new LiftLedger.Arm("a", false, 3),
        LiftCounts.of(unit("a", false, 3)).plus(LiftCounts.of(unit("a", false, -40))));
    ledger.waiting.put(20_000, new ArrayList<>(List.of(LiftDelta.of(unit("none", true, 300)))));
    ledger.running.put(
        new LiftLedger.Comparison("a", LiftMetric.REVENUE),
        new RunningComparison(-0.5, new Interval(-1.5, 2.25)));
    return ledger;
  }

  private static LiftFact unit(String variant, boolean holdout, long micros) {
    List<Long> outcomes = List.of(0L, 0L, 1L, 1L, micros, 1L, -micros);
    return new LiftFact("x", variant, 3, holdout, 19_999, outcomes, outcomes, 1);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> LiftCodec.read(new byte[] {2})).hasMessageContaining("format 2");
  }
}
