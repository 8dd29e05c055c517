package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.Interruption;
import io.heed.cli.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseEngineTest {
  /** Ctrl-C while the library is read closes its channel; the disk has room all the same. */
  @Test
  void anInterruptionIsNotTakenForAFullDisk(@TempDir Path cache) throws Exception {
    Path home =
        Files.createDirectories(
            cache.resolve("heed/clickhouse").resolve(ClickHouseEngine.PIN.version()));
    Files.writeString(home.resolve("libchdb.so"), "a library");
    Files.writeString(home.resolve("libchdb.so.crc32c"), "9 0\n");
    ClickHouseEngine engine =
        ClickHouseEngine.pinned(Map.of("XDG_CACHE_HOME", cache.toString()), line -> {});
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(engine::library).isInstanceOf(InterruptedException.class);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void anInterruptionIsRecognisedBelowOtherExceptions() {
    Exception cause = new java.nio.channels.ClosedByInterruptException();
    Assertions.assertThat(Interruption.caused(new UserError("the disk is full", cause))).isTrue();
    Assertions.assertThat(Interruption.caused(new UserError("the disk is full"))).isFalse();
  }
}
