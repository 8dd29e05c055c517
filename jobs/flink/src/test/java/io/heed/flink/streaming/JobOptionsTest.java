package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.flink.streaming.WarehouseRetention.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobOptionsTest {
  private static final Path OPERATIONS = Path.of("../../docs/operations.md");
  private static final List<String> FILES =
      List.of("--kafka-config", "--clickhouse-password-file", "--erasure-key");

  @Test
  void argumentsAreReadBackAsTheyWere() {
    String[] args = JobOptions.DEFAULTS.toArgs();
    Map<String, String> other = new TreeMap<>();
    for (int i = 0; i < args.length; i += 2) {
      other.put(
          args[i],
          args[i].equals("--keep")
              ? "events=13mo,decisions=400d"
              : FILES.contains(args[i]) ? "/etc/heed" + args[i] : differing(args[i + 1]));
    }
    String[] given =
        other.entrySet().stream()
            .flatMap(option -> Stream.of(option.getKey(), option.getValue()))
            .toArray(String[]::new);

    JobOptions options = JobOptions.fromArgs(given);

    assertThat(options.kafka()).isEqualTo("127.0.0.1:9092x");
    assertThat(options.horizonMillis()).isEqualTo(7_200_000);
    assertThat(options.partitions()).isEqualTo(7);
    assertThat(options.bounded()).isTrue();
    assertThat(options.toArgs()).contains(given).hasSameSizeAs(args);
    assertThat(JobOptions.fromArgs(options.toArgs())).isEqualTo(options);
    assertThat(options).isNotEqualTo(JobOptions.DEFAULTS);
  }

  /** A child process works in another directory than who typed the options. */
  @Test
  void filesAreHandedOnByTheirAbsolutePath() {
    for (String file : FILES) {
      List<String> args = List.of(JobOptions.fromArgs(file, "some.file").toArgs());

      assertThat(args.get(args.indexOf(file) + 1))
          .isEqualTo(Path.of("some.file").toAbsolutePath().toString());
    }
    assertThat(new KafkaCluster("a:1", Path.of("some.file")).toArgs())
        .contains(Path.of("some.file").toAbsolutePath().toString());
    assertThat(JobOptions.fromArgs("--kafka-config", "a/b"))
        .isEqualTo(JobOptions.fromArgs("--kafka-config", Path.of("a/b").toAbsolutePath() + ""));
  }

  private static String differing(String value) {
    if (value.equals("US")) {
      return "GB";
    }
    if (value.equals("true")) {
      return "false";
    }
    return value.matches("-?\\d+")
        ? "7"
        : value.equals("false") ? "true" : value.matches("\\d+(d|h|min|s)") ? "2h" : value + "x";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --partitions | 0 | --partitions 0: a number from 1 is needed
          --parallelism | two | --parallelism two: a number from 1 is needed
          --lateness | soon | --lateness soon: a duration such as 10s, 1h or 35d is needed
          --bounded | maybe | --bounded maybe: true or false is needed
          --keep | event=13mo | --keep 'event=13mo': KIND=DURATION, separated by commas, with the kinds events, decisions, dead-letters and durations in d, mo (31 days) or y (366 days) from 35 to 7320 days is needed, such as events=13mo,decisions=13mo
          --keep | events=34d | --keep '34d': KIND=DURATION, separated by commas, with the kinds events, decisions, dead-letters and durations in d, mo (31 days) or y (366 days) from 35 to 7320 days is needed, such as events=13mo,decisions=13mo
          --database | a-b | --database a-b: letters, digits and _ are allowed
          --clickhouse-cluster | a b | --clickhouse-cluster a b: letters, digits, _, . and - are allowed
          """)
  void aWrongValueIsRefusedWithWhatIsAllowed(String name, String value, String message) {
    assertThatThrownBy(() -> JobOptions.fromArgs(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void whatIsKeptIsReadInDays() {
    assertThat(JobOptions.DEFAULTS.keep().days()).isEmpty();
    assertThat(JobOptions.fromArgs("--keep", "events=13mo, decisions=2y,dead-letters=35d").keep())
        .isEqualTo(
            new WarehouseRetention(
                Map.of(Kind.EVENTS, 403, Kind.DECISIONS, 732, Kind.DEAD_LETTERS, 35)));
    for (String wrong :
        List.of(
            "events",
            "events=",
            "events=13",
            "events=mo",
            "=13mo",
            "events=13m",
            "events=13mo,",
            "events=13mo,events=14mo",
            "events=99999999mo",
            "events=-13mo",
            "events=21y")) {
      assertThatThrownBy(() -> JobOptions.fromArgs("--keep", wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("such as events=13mo,decisions=13mo");
    }
  }

  @Test
  void anUnknownOptionIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> JobOptions.fromArgs("--kafak", "x"))
        .hasMessageStartingWith("unknown option --kafak, allowed: --kafka, --kafka-config");
    assertThatThrownBy(() -> JobOptions.fromArgs("--kafka"))
        .hasMessage("--kafka needs a value: bootstrap servers, HOST:PORT");
  }

  @Test
  void operationsDocumentsEveryOption() throws Exception {
    String[] defaults = JobOptions.DEFAULTS.toArgs();
    StringBuilder table = new StringBuilder("| option | default | means |\n| --- | --- | --- |\n");
    int i = 1;
    for (Map.Entry<String, String> option : JobOptions.help().entrySet()) {
      String value = defaults[i].isEmpty() ? "" : "`" + defaults[i] + "`";
      table.append("| `--%s` | %s | %s |\n".formatted(option.getKey(), value, option.getValue()));
      i += 2;
    }
    assertThat(Files.readString(OPERATIONS)).contains(table);
  }
}
