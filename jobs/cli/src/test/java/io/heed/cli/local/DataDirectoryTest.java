package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.cli.local.LocalStackOptions.StateBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path root;

  @Test
  void isForOneStackAtATime() throws IOException {
    try (DataDirectory first = DataDirectory.open(root)) {
      assertThatThrownBy(() -> DataDirectory.open(first.of(".")))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("a stack is already running on " + root);
    }
    assertThatCode(() -> DataDirectory.open(root).close()).doesNotThrowAnyException();
  }

  @Test
  void keepsToItsStateBackend() throws IOException {
    try (DataDirectory directory = DataDirectory.open(root)) {
      directory.keepStateIn(StateBackend.HEAP);
      directory.keepStateIn(StateBackend.HEAP);
      assertThatThrownBy(() -> directory.keepStateIn(StateBackend.ROCKSDB))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("start with --state-backend heap");
    }
  }

  @Test
  void saysWhenItCannotBeUsed() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    assertThatThrownBy(() -> DataDirectory.open(file))
        .isInstanceOf(UserError.class)
        .hasMessage("--data-dir " + file + ": not a directory");
  }
}
