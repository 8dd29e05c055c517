package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.Interruption;
import io.heed.cli.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClickHouseEngineTest {
  /** Ctrl-C while the library is read closes its channel; the disk has room all the same. */
  @Test
  void anInterruptionIsNotTakenForAFullDisk(@TempDir Path cache) throws Exception {
    Path home =
        Files.createDirectories(cache.resolve("heed/clickhouse").resolve(thisPlatform().name()));
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
    assertThat(Interruption.caused(new UserError("the disk is full", cause))).isTrue();
    assertThat(Interruption.caused(new UserError("the disk is full"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, @chdb/lib-linux-x64-gnu",
    "Linux, aarch64, @chdb/lib-linux-arm64-gnu",
    "Mac OS X, x86_64, @chdb/lib-darwin-x64",
    "Mac OS X, aarch64, @chdb/lib-darwin-arm64",
  })
  void eachPlatformHasAPackageOfItsOwn(String os, String processor, String expected) {
    assertThat(ClickHouseEngine.pin(os, processor).npmPackage()).isEqualTo(expected);
  }

  /** A home directory may be shared by machines of two kinds. */
  @Test
  void eachPlatformHasADirectoryOfItsOwn() {
    assertThat(ClickHouseEngine.pin("Linux", "amd64").name())
        .isNotEqualTo(ClickHouseEngine.pin("Linux", "aarch64").name());
  }

  private static ClickHouseEngine.Pin thisPlatform() {
    return ClickHouseEngine.pin(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  @ParameterizedTest
  @CsvSource({"Windows 11, amd64", "Linux, riscv64"})
  void anotherPlatformNeedsAServerOfItsOwn(String os, String processor) {
    assertThatThrownBy(() -> ClickHouseEngine.pin(os, processor))
        .isInstanceOf(UserError.class)
        .hasMessageContainingAll(os + " " + processor, "--clickhouse-url");
  }

  /** A library by either name, from an npm that checks nothing itself. */
  @Test
  void withoutAPinnedHashNpmAloneChecks(@TempDir Path directory) throws Exception {
    Path npm = directory.resolve("npm");
    Files.createDirectories(directory.resolve("package"));
    Files.writeString(directory.resolve("package/libchdb.dylib"), "a library");
    Files.writeString(
        npm,
        """
        #!/bin/sh
        [ "$1" = pack ] && cd "$(dirname "$0")" && exec tar -czf "$4/a.tgz" package/libchdb.dylib
        dirname "$0"
        """);
    assertThat(npm.toFile().setExecutable(true)).isTrue();

    Path library = engine(npm, null).library();
    assertThat(library).hasContent("a library");
    assertThat(engine(npm, null).library()).isEqualTo(library);

    Files.writeString(library, "another");
    assertThatThrownBy(() -> engine(npm, "sha512-other").library())
        .isInstanceOf(UserError.class)
        .hasMessageContainingAll("another p@1", "instead of sha512-other");
  }

  private static ClickHouseEngine engine(Path npm, String integrity) {
    return new ClickHouseEngine(
        new ClickHouseEngine.Pin("p", "1", "1-p", integrity, 1),
        npm.resolveSibling("cache"),
        npm.toString(),
        line -> {});
  }
}
