package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a process of its own. */
class HeedProcessTest {
  private static final long TIMEOUT_SECONDS = 300;
  private static final Path EXPERIMENTS = Path.of("../../experiment-config/experiments");

  private static final String MAPPING = "../../sim-data/mappings/cookie_cats.yaml";

  private record Result(int code, String out, String err) {}

  @TempDir private Path directory;

  @Test
  void aCommandThatDiesOfAnErrorExits() throws Exception {
    Path line = directory.resolve("line.csv");
    Files.writeString(
        line, "userid,version,sum_gamerounds,retention_1,retention_7\n" + "1".repeat(8_000_000));

    Result result =
        heed(List.of("-Xmx20m"), "replay", line.toString(), "--mapping", MAPPING, "--dry-run");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("heed: out of memory: give more, such as HEED_JAVA_OPTS");
  }

  /** While the JVM still loads classes, and later while servers start or all is up. */
  @ParameterizedTest
  @ValueSource(ints = {300, 700, 1_100, 1_500, 2_500})
  void aSignalEndsACommandInSilence(int millis) throws Exception {
    String data = directory.resolve("data").toString();
    Process process =
        start(
            List.of(),
            "local --data-dir %s --kafka-port 0 --clickhouse-port 0 --flink-port 0 --metrics-port 0"
                .formatted(data)
                .split(" "));
    boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
    Result early = ended ? result(process) : null;
    assertThat(early).as("it still runs").isNull();

    process.destroy();

    Result result = result(process);
    assertThat(result.code()).isIn(0, 130, 143);
    assertThat(result.err()).doesNotContain("Exception", "unexpectedly", "FATAL");
  }

  /** With other digits, another decimal separator, and another lower case of the letter I. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "de-DE", "tr-TR"})
  void whatACommandPrintsIsTheSameInEveryLocale(String locale) throws Exception {
    String[] plan = {"plan", experiment().toString()};
    Result expected = heed(List.of("-Duser.language=en", "-Duser.country=US"), plan);
    String[] parts = locale.split("-", -1);

    Result result =
        heed(List.of("-Duser.language=" + parts[0], "-Duser.country=" + parts[1]), plan);

    assertThat(expected.code()).as(expected.err()).isZero();
    assertThat(result).isEqualTo(expected);
  }

  private static Path experiment() throws IOException {
    try (var files = Files.list(EXPERIMENTS)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  private Result heed(List<String> jvmOptions, String... args) throws Exception {
    return result(start(jvmOptions, args));
  }

  private Process start(List<String> jvmOptions, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Heed.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private Result result(Process process) throws Exception {
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("it exits").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Result(
        process.exitValue(),
        Files.readString(directory.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(directory.resolve("err"), StandardCharsets.UTF_8));
  }
}
