package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

class HeedTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  static Stream<String> commands() {
    return Heed.commandLine().getSubcommands().keySet().stream()
        .filter(name -> !name.equals("help"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithAnExample(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Usage: heed " + command, "Example", "./heed " + command);
    assertThat(out.toString()).as("formatted").doesNotContain("%n", "%%");
    assertThat(err.toString()).isEmpty();
  }

  static Stream<Arguments> optionsWithText() {
    return commands()
        .flatMap(
            name ->
                Heed.commandLine().getSubcommands().get(name).getCommandSpec().options().stream()
                    .filter(option -> option.arity().max() == 1)
                    .filter(option -> List.of(String.class, Path.class).contains(option.type()))
                    .map(option -> Arguments.of(name, option.longestName())));
  }

  @ParameterizedTest
  @MethodSource("optionsWithText")
  void anEmptyValueIsRefused(String command, String option) {
    List<String> args = new ArrayList<>(List.of(command));
    for (ArgSpec each : Heed.commandLine().getSubcommands().get(command).getCommandSpec().args()) {
      if (each.group() != null) {
        // Of a group one is enough, and another might exclude the option.
        continue;
      }
      if (each.required() && each.isPositional()) {
        args.add("x");
      } else if (each instanceof OptionSpec other
          && each.required()
          && !other.longestName().equals(option)) {
        args.addAll(List.of(other.longestName(), "1"));
      }
    }
    args.addAll(List.of(option, " "));
    assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("heed: " + option + ": the value is empty")
        .hasLineCount(1);
  }

  @Test
  void checkSaysWhichReadingOfTheLawHolds(@TempDir Path directory) throws Exception {
    Path policies = Files.createDirectories(directory.resolve("policies"));
    Files.writeString(policies.resolve("a.yaml"), "id: a\n");
    Files.writeString(policies.resolve("b.yaml"), "id: b\nlaw: settled\n");
    Files.writeString(policies.resolve("c.yaml"), "id: c\nlaw: strict\n");
    assertThat(run("check", directory.toString())).isZero();
    assertThat(out.toString().lines())
        .contains(
            "policy a: law: strict (default)",
            "policy b: law: settled, laws on which sources differ are left out",
            "policy c: law: strict");
  }

  @Test
  void planOfAPolicySaysWhenTheLiftOfTheOptimizerIsShown(@TempDir Path directory) throws Exception {
    Path policies = Files.createDirectories(directory.resolve("policies"));
    Path policy = policies.resolve("deals.yaml");
    String text = "id: deals\nlists: [deals]\noptimise: {mode: %s, margin: 0.5}\n";
    Files.writeString(policy, text.formatted("shadow"));
    assertThat(run("plan", policy.toString())).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "heed: %s: optimise: there is nothing to compare without mode test or on and a control%n"
                .formatted(policy));

    Files.writeString(policy, text.formatted("test"));
    assertThat(run("plan", policy.toString(), "--buyers", "0.1", "--order-value", "40")).isZero();
    assertThat(out.toString())
        .contains("mode test: decides for 50 %", "within 7 days: margin 2.000 on average")
        .containsPattern("(?m)^20 % +0\\.400 +[0-9,]+ +[0-9.]+$");

    Files.writeString(policies.resolve("attribution.yaml"), "lift: {window: 14d}\n");
    assertThat(run("plan", policy.toString())).isZero();
    assertThat(out.toString()).contains("within 14 days");

    assertThat(run("plan", policy.toString(), "--buyers", "2")).isEqualTo(2);
    assertThat(err.toString()).contains("--buyers must lie between 0 and 1");
  }

  @Test
  void checkTextFailsOnErrorsAlone(@TempDir Path directory) throws Exception {
    assertThat(run("check-text", "Shop: it’s here. Reply STOP to end")).isZero();
    assertThat(out.toString())
        .contains("UCS-2, 34 of 70 units, 1 segment\n", "warning  ’ (U+2019", "note     whether");

    Path file = directory.resolve("text");
    Files.writeString(file, "Shop: sale\n");
    assertThat(run("check-text", "--sender", "Shop", "--file", file.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("GSM-7, 10 of 160 units, 1 segment\n", "error    no opt-out instruction");

    assertThat(run("check-text", "--language", "xx", "Sale")).isEqualTo(2);
    assertThat(err.toString())
        .contains("--language xx: allowed are de, en, es, fr, it, nl, pl, pt");
  }

  @Test
  void schemasWritesWhatIsInTheDocumentation(@TempDir Path directory) throws Exception {
    Path out = directory.resolve("a/b");
    assertThat(run("schemas", "--out", out.toString())).isZero();
    assertThat(out.resolve("asyncapi.json"))
        .hasSameTextualContentAs(Path.of("../../docs/asyncapi.json"));
    assertThat(out.resolve("sms.send.schema.json"))
        .hasSameTextualContentAs(Path.of("../../docs/schemas/sms.send.schema.json"));

    assertThat(run("schemas", "--out", out.toString(), "--topic-prefix", "eu.")).isZero();
    assertThat(out.resolve("asyncapi.json")).content().contains("\"eu.sms.send\"");
    assertThat(out.resolve("eu.sms.send.schema.json")).exists();

    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(run("schemas", "--out", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--out " + file + ": not a directory").hasLineCount(1);
  }

  @Test
  void anUnknownCommandIsOneLine() {
    assertThat(run("locla")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("heed: unknown command 'locla', did you mean 'local'? (try 'heed --help')\n");
  }

  @Test
  void whatResemblesNothingHasNoSuggestion() {
    assertThat(run("nonsense")).isEqualTo(2);
    assertThat(err.toString()).isEqualTo("heed: unknown command 'nonsense' (try 'heed --help')\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plan none.yaml",
        "plan none.yaml --buyers 0.1 --order-value 10 --sends-per-hour 10",
        "check-text --file none.txt",
        "check none",
        "replay none.csv --mapping none.yaml --dry-run",
        "webhooks --kafka 127.0.0.1:1 --infobip-credentials none",
        "audit r1 --clickhouse-password-file none",
        "explain r1 --clickhouse-password-file none",
        "topics --kafka 127.0.0.1:1 --create --kafka-config none",
        "forget r1 --erasure-key none",
        "run send-gate --kafka 127.0.0.1:1 --erasure-key none",
        "run warehouse --kafka 127.0.0.1:1 --clickhouse-password-file none",
        "simulate --kafka 127.0.0.1:1 --scenario none",
        "simulate --kafka 127.0.0.1:1 --kafka-config none",
        "state none r1",
      })
  void aFileThatIsNotThereIsNamed(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString())
        .containsPattern("\\bnone\\b")
        .containsPattern("no such file|there is no")
        .doesNotContain("Exception")
        .hasLineCount(1);
  }

  /** Before made-up people are published, whose truth would have no place. */
  @Test
  void whereTheResultsOfASimulationGoIsCheckedFirst(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(run("simulate", "--kafka", "127.0.0.1:1", "--out", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--out " + file + ": not a directory").hasLineCount(1);
  }

  /** Other jobs than those of the local stack have another key. */
  @Test
  void theKeyOfTheLocalStackIsForItsOwnKafka(@TempDir Path home) throws Exception {
    String former = System.getProperty("heed.home");
    System.setProperty("heed.home", home.toString());
    try {
      Files.writeString(Files.createDirectory(home.resolve(".heed")).resolve("erasure.key"), "x");
      assertThat(run("forget", "r1", "--kafka", "127.0.0.1:1")).isEqualTo(2);
      assertThat(err.toString()).contains("--erasure-key: needed").hasLineCount(1);
    } finally {
      if (former == null) {
        System.clearProperty("heed.home");
      } else {
        System.setProperty("heed.home", former);
      }
    }
  }

  /** What stands in the way is the other stack, whose preview has the port as well. */
  @Test
  void aSecondStackReportsTheFirst(@TempDir Path directory) throws Exception {
    try (FileChannel first =
            FileChannel.open(
                directory.resolve("heed.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = first.lock();
        ServerSocket preview = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(preview.getLocalPort());
      assertThat(run("local", "--data-dir", directory.toString(), "--preview-port", port))
          .isEqualTo(2);
      assertThat(err.toString()).contains("a stack is already running on").hasLineCount(1);
      assertThat(lock.isValid()).isTrue();
      err.getBuffer().setLength(0);
      Path other = directory.resolve("other");
      assertThat(run("local", "--data-dir", other.toString(), "--preview-port", port)).isEqualTo(2);
      assertThat(err.toString()).contains("give another port with --preview-port").hasLineCount(1);
    }
  }

  @Test
  void aWarehouseThatIsAwayIsNamed() {
    assertThat(run("audit", "r1", "--clickhouse-url", "jdbc:clickhouse://127.0.0.1:1"))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("127.0.0.1:1 does not respond", "refused", "check that it runs at this address")
        .hasLineCount(1);
  }

  @Test
  void anUnknownOptionIsOneLine() {
    assertThat(run("local", "--kafka-prot", "1")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("heed: unknown option '--kafka-prot'")
        .endsWith("(try 'heed local --help')\n")
        .hasLineCount(1);
  }

  @Test
  void optionsThatExcludeEachOtherAreOneLine() {
    assertThat(run("topics", "--create", "--script")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("heed: --create, --script are mutually exclusive")
        .hasLineCount(1);
  }

  @Test
  void aWrongValueIsOneLine() {
    assertThat(run("local", "--kafka-port", "many")).isEqualTo(2);
    assertThat(err.toString()).contains("--kafka-port", "many").hasLineCount(1);
  }

  @Test
  void anUnknownJobIsReportedBeforeAnythingStarts(@TempDir Path directory) {
    for (List<String> command :
        List.of(
            List.of("run", "no-such-job", "--data-dir", directory.toString()),
            List.of("local", "--jobs", "no-such-job", "--data-dir", directory.toString()),
            List.of("simulate", "--jobs", "no-such-job", "--kafka", "127.0.0.1:1"))) {
      err.getBuffer().setLength(0);
      assertThat(run(command.toArray(String[]::new))).isEqualTo(2);
      assertThat(err.toString()).startsWith("heed: there is no job 'no-such-job'").hasLineCount(1);
    }
  }

  @Test
  void aWrongJobOptionReportsWhatIsAllowed(@TempDir Path directory) {
    assertThat(run("local", "--data-dir", directory.toString(), "--job-option", "lateness=soon"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("lateness soon: a duration such as").hasLineCount(1);
    err.getBuffer().setLength(0);
    assertThat(run("run", "warehouse", "--parallelism", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--parallelism 0: a number from 1").hasLineCount(1);
  }

  @Test
  void runShowsTheOptionsOfJobsWithTheirDefaults() {
    assertThat(run("run", "--help")).isZero();
    assertThat(out.toString()).contains("--lateness", "default: 1h", "--horizon", "default: 35d");
  }

  @Test
  void applySaysThatKafkaDoesNotAnswerOnlyForValidDirectories(@TempDir Path directory) {
    Path missing = directory.resolve("nowhere");
    assertThat(run("apply", missing.toString(), "--kafka", "127.0.0.1:1")).isEqualTo(2);
    assertThat(err.toString()).isEqualTo("heed: there is no directory " + missing + "\n");
  }

  private int run(String... args) {
    CommandLine heed = Heed.commandLine();
    heed.setOut(new PrintWriter(out, true));
    heed.setErr(new PrintWriter(err, true));
    return heed.execute(args);
  }
}
