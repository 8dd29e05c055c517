package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.statistics.Interval;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.RunningComparison;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A state that the last release wrote must stay readable: its bytes are kept as a file. */
class LiftCodecTest {
  @Test
  void readsFormatOne() throws IOException {
    byte[] golden = golden();
    LiftLedger ledger = LiftCodec.read(golden);
    assertThat(ledger.seq).isEqualTo(9);
    assertThat(ledger.arms.get(new LiftLedger.Arm("a", false, 3)).outcomes(LiftMetric.REVENUE))
        .isEqualTo(
            new MeanCounts(
                2,
                2,
                BigInteger.valueOf(7),
                BigInteger.valueOf(25),
                BigInteger.ZERO,
                BigInteger.ZERO,
                BigInteger.ZERO));
    LiftFact unit =
        new LiftFact(
            "x",
            "none",
            3,
            true,
            19_999,
            List.of(0L, 0L, 1L, 1L, 300L),
            List.of(0L, 0L, 1L, 1L, 300L),
            1);
    assertThat(ledger.waiting.get(20_000)).containsExactly(LiftDelta.of(unit));
    assertThat(ledger.running.get(new LiftLedger.Comparison("a", LiftMetric.REVENUE)))
        .isEqualTo(new RunningComparison(-0.5, new Interval(-1.5, 2.25)));
    assertThat(LiftCodec.write(ledger)).isEqualTo(golden);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> LiftCodec.read(new byte[] {2})).hasMessageContaining("format 2");
  }

  private static byte[] golden() throws IOException {
    try (InputStream in = LiftCodecTest.class.getResourceAsStream("/attribution/lift-v1.hex")) {
      return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }
}
