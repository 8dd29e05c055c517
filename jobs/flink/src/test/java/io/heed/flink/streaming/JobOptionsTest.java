package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobOptionsTest {
  private static final Path OPERATIONS = Path.of("../../docs/operations.md");

  @Test
  void argumentsAreReadBackAsTheyWere() {
    String[] args = JobOptions.DEFAULTS.toArgs();
    Map<String, String> other = new TreeMap<>();
    for (int i = 0; i < args.length; i += 2) {
      other.put(args[i], differing(args[i + 1]));
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
          --database | a-b | --database a-b: letters, digits and _ are allowed
          """)
  void aWrongValueIsRefusedWithWhatIsAllowed(String name, String value, String message) {
    assertThatThrownBy(() -> JobOptions.fromArgs(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
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
