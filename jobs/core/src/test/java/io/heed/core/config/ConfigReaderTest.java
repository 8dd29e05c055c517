package io.heed.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.heed.core.model.Field;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
  private record Variant(String id, BigDecimal share) {
    Variant {
      if (id.equals("reserved")) {
        throw new IllegalArgumentException("the name reserved is taken");
      }
    }

    static Variant of(ConfigNode node) {
      return new Variant(
          node.required("id").text(),
          node.optional("share").map(share -> share.decimal("0", "1")).orElse(BigDecimal.ONE));
    }
  }

  private record Experiment(String id, Duration horizon, List<Variant> variants) {
    static Experiment of(ConfigNode node) {
      return new Experiment(
          node.required("id").text(),
          node.optional("horizon").map(ConfigNode::duration).orElse(Duration.ofDays(14)),
          node.required("variants").list(Variant::of));
    }
  }

  @Test
  void readsNestedObjectsListsAndDefaults() throws ConfigException {
    String yaml =
        """
        # comment
        id: 201446
        variants:
          - {id: a, share: 0.25}
          - id: b
        """;

    assertThat(ConfigReader.read("x.yaml", yaml, Experiment::of))
        .isEqualTo(
            new Experiment(
                "201446",
                Duration.ofDays(14),
                List.of(
                    new Variant("a", new BigDecimal("0.25")), new Variant("b", BigDecimal.ONE))));
  }

  @Test
  void collectsEveryMistakeWithFileLineAndField() {
    String yaml =
        """
        horizn: 5d
        variants:
          - id: a
            share: 1.5
          - share: none
          - id: reserved
        """;

    assertThat(mistakes(yaml, Experiment::of))
        .containsExactly(
            "x.yaml:1: id: required, but missing",
            "x.yaml:1: horizn: unknown field, did you mean 'horizon'? (allowed: id, horizon,"
                + " variants)",
            "x.yaml:4: variants[0].share: '1.5' (allowed: a decimal number from 0 to 1)",
            "x.yaml:5: variants[1].id: required, but missing",
            "x.yaml:5: variants[1].share: 'none' (allowed: a decimal number from 0 to 1)",
            "x.yaml:6: variants[2]: the name reserved is taken");
  }

  @Test
  void readsEveryKindOfScalar() throws ConfigException {
    assertThatObject(read("'5'", ConfigNode::text)).isEqualTo("5");
    assertThatObject(read("1_000_000", ConfigNode::integer)).isEqualTo(1_000_000L);
    assertThatObject(read("-3", ConfigNode::integer)).isEqualTo(-3L);
    assertThatObject(read("9223372036854775807", ConfigNode::integer)).isEqualTo(Long.MAX_VALUE);
    assertThatObject(read("0.10", ConfigNode::decimal)).isEqualTo(new BigDecimal("0.10"));
    assertThatObject(read("0.079", ConfigNode::micros)).isEqualTo(79_000L);
    assertThatObject(read("true", ConfigNode::bool)).isEqualTo(true);
    assertThatObject(read("do-not-mind", n -> n.oneOf(List.of("do-not-mind"))))
        .isEqualTo("do-not-mind");
    assertThatObject(read("monday", n -> n.oneOf(DayOfWeek.class))).isEqualTo(DayOfWeek.MONDAY);
    assertThatObject(read("1h30m", ConfigNode::duration)).isEqualTo(Duration.ofMinutes(90));
    assertThatObject(read("2w", ConfigNode::duration)).isEqualTo(Duration.ofDays(14));
    assertThatObject(read("2026-03-01T09:00:00+01:00", ConfigNode::instant))
        .isEqualTo(Instant.parse("2026-03-01T08:00:00Z"));
    assertThatObject(read("2026-03-01", ConfigNode::instant))
        .isEqualTo(Instant.parse("2026-03-01T00:00:00Z"));
    assertThatObject(read("2026-03-01", ConfigNode::date)).isEqualTo(LocalDate.of(2026, 3, 1));
    assertThatObject(read("20:30", ConfigNode::timeOfDay)).isEqualTo(LocalTime.of(20, 30));
    assertThatObject(read("America/New_York", ConfigNode::timeZone))
        .isEqualTo(ZoneId.of("America/New_York"));
    assertThatObject(read("{a: 1, b: 2}", n -> n.map(ConfigNode::integer)))
        .isEqualTo(Map.of("a", 1L, "b", 2L));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text     | ''                      | ''",
        "text     | [a]                     | found a list",
        "text     | {a: b}                  | found an object",
        "text     | ~                       | required, but missing",
        "integer  | 1.5                     | '1.5'",
        "integer  | \"5\"                   | \"5\" is a text",
        "integer  | 9223372036854775808     | '9223372036854775808'",
        "integer  | 99                      | an integer from 1 to 9",
        "decimal  | 1e999999999             | '1e999999999'",
        "decimal  | .nan                    | '.nan'",
        "micros   | 0.0000001               | at most 6 decimal places",
        "micros   | -1                      | from 0 on",
        "bool     | yes                     | true or false",
        "duration | 24                      | a duration such as 90s",
        "duration | 60d                     | from 1m to 35d",
        "instant  | 2026-03-01T09:00:00     | an instant such as",
        "instant  | 2026-02-30              | '2026-02-30'",
        "date     | 1 March                 | a date such as",
        "time     | 25:00                   | a time of day",
        "zone     | Mars/Olympus            | an IANA time zone",
        "enum     | mondya                  | did you mean 'MONDAY'?",
        "pattern  | Upper                   | lower-case letters",
        "list     | a                       | found a single value (allowed: a list)",
        "object   | [a]                     | found a list (allowed: an object with fields)",
      })
  void refusesWhatIsNotAllowed(String kind, String value, String reported) {
    Function<ConfigNode, ?> getter =
        switch (kind) {
          case "text" -> ConfigNode::text;
          case "integer" -> n -> n.integer(1, 9);
          case "decimal" -> ConfigNode::decimal;
          case "micros" -> ConfigNode::micros;
          case "bool" -> ConfigNode::bool;
          case "duration" -> n -> n.duration(Duration.ofMinutes(1), Duration.ofDays(35));
          case "instant" -> ConfigNode::instant;
          case "date" -> ConfigNode::date;
          case "time" -> ConfigNode::timeOfDay;
          case "zone" -> ConfigNode::timeZone;
          case "enum" -> n -> n.oneOf(DayOfWeek.class);
          case "pattern" -> n -> n.text(Pattern.compile("[a-z]+"), "lower-case letters");
          case "list" -> n -> n.list(ConfigNode::text);
          default -> n -> n.required("id").text();
        };

    assertThat(
            mistakes(
                "v: " + (value.isEmpty() ? "''" : value), root -> getter.apply(root.required("v"))))
        .singleElement()
        .asString()
        .startsWith("x.yaml:1: v: ")
        .contains(reported);
  }

  @Test
  void refusesAFieldThatIsThereTwice() {
    assertThat(mistakes("id: a\nvariants: []\nid: b", Experiment::of))
        .containsExactly("x.yaml:3: id: is there twice, first in line 1 (allowed: once)");
  }

  @Test
  void aCrossCheckCanWaitForItsFields() {
    Function<ConfigNode, Long> ordered =
        node -> {
          long from = node.required("from").integer();
          long to = node.required("to").integer();
          if (node.valid() && from > to) {
            node.error("from is after to", "from before to");
          }
          return to - from;
        };

    assertThat(mistakes("from: 2\nto: 1", ordered))
        .containsExactly("x.yaml:1: from is after to (allowed: from before to)");
    assertThat(mistakes("from: 2\nto: x", ordered)).hasSize(1);
  }

  @Test
  void reportsWhereTextIsNotYaml() {
    assertThat(mistakes("id: a\n  b: [", Experiment::of))
        .singleElement()
        .asString()
        .startsWith("x.yaml:2: not YAML: ");
    assertThat(mistakes("", Experiment::of)).containsExactly("x.yaml:1: the file is empty");
    assertThat(mistakes("a: 1\n---\nb: 1", Experiment::of)).hasSize(1);
    assertThat(mistakes("id: a\nx: \u0001", Experiment::of))
        .containsExactly("x.yaml:2: not YAML: character U+0001");
    assertThat(mistakes("id: {\"a\\u", Experiment::of))
        .containsExactly("x.yaml:1: not YAML: an escape such as \\u00e9 is cut off");
  }

  @ParameterizedTest
  @ValueSource(ints = {1_021, 1_022, 1_023, 1_024, 1_025})
  void anEmojiMayStandAnywhere(int before) {
    String comment = "# " + "x".repeat(before - 2) + "\ud83d\ude00".repeat(2_000) + "\n";
    assertThat(mistakes(comment + "id: [", Experiment::of))
        .singleElement()
        .asString()
        .startsWith("x.yaml:2: not YAML: ");
  }

  @Test
  void refusesWhatWouldNameATypeOrExhaustTheMachine() {
    assertThat(mistakes("id: !!javax.script.ScriptEngineManager [x]\nvariants: []", Experiment::of))
        .first()
        .asString()
        .contains("has no meaning here");
    assertThat(mistakes("[".repeat(100_000), Experiment::of))
        .containsExactly("x.yaml:1: nested more than 50 deep");
    assertThat(mistakes("#".repeat(2 << 20), Experiment::of)).hasSize(1);
    StringBuilder laughs = new StringBuilder("l0: &l0 {a: 1}\n");
    for (int i = 1; i < 40; i++) {
      laughs.append("l%1$d: &l%1$d {a: *l%2$d, b: *l%2$d}%n".formatted(i, i - 1));
    }
    assertThat(mistakes(laughs.toString(), Experiment::of)).isNotEmpty();
    assertThat(mistakes("id: &a {b: *a}\nvariants: []", Experiment::of)).isNotEmpty();
  }

  @Test
  void aDefectOfTheReaderIsNoMistakeOfTheUser() {
    assertThatThrownBy(
            () ->
                ConfigReader.read(
                    "x.yaml",
                    "a: 1",
                    root -> {
                      throw new IllegalStateException("defect");
                    }))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void readsFilesInUtf8Only(@TempDir Path directory) throws IOException, ConfigException {
    Path file = directory.resolve("x.yaml");
    Files.writeString(file, "v: é");
    assertThatObject(ConfigReader.<String>read(file, root -> root.required("v").text()))
        .isEqualTo("é");
    Files.write(file, new byte[] {'v', ':', ' ', (byte) 0xe9});
    assertThatThrownBy(() -> ConfigReader.read(file, root -> root.required("v").text()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ":1: not text in UTF-8");
  }

  @Property
  void durationsSurvive(@ForAll @LongRange(min = 0, max = 999_999_999L) long seconds)
      throws ConfigException {
    assertThatObject(read(seconds + "s", ConfigNode::duration))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void moneyHasABound() {
    assertThatThrownBy(() -> read("1000000000.000001", ConfigNode::micros))
        .isInstanceOf(ConfigException.class);
  }

  @Property
  void moneyIsExact(@ForAll @LongRange(min = 0, max = Field.MICROS) long micros)
      throws ConfigException {
    String text = BigDecimal.valueOf(micros, 6).toPlainString();
    assertThatObject(read(text, ConfigNode::micros)).isEqualTo(micros);
  }

  private static <T> T read(String value, Function<ConfigNode, T> getter) throws ConfigException {
    return ConfigReader.read("x.yaml", "v: " + value, root -> getter.apply(root.required("v")));
  }

  private static List<String> mistakes(String yaml, Function<ConfigNode, ?> shape) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> ConfigReader.read("x.yaml", yaml, shape));
    return e.errors().stream().map(ConfigError::toString).toList();
  }

  @Test
  void aDocumentHasAtMost256KiB() {
    String document = "id: a # " + "é".repeat(128 << 10);
    assertThatThrownBy(
            () -> ConfigReader.read("f.yaml", document, root -> root.required("id").text()))
        .hasMessage("f.yaml:1: 262152 bytes (allowed: at most 262144 (256 KiB))");
  }

  @Test
  void mistakesEndSomewhere() {
    String document =
        "x: 1\n"
            + java.util.stream.IntStream.range(0, 20_000)
                .mapToObj(i -> "a" + i + ": 1\n")
                .collect(java.util.stream.Collectors.joining());
    assertThatThrownBy(
            () -> ConfigReader.read("f.yaml", document, root -> root.required("x").integer()))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.errors()).hasSize(1_000));
  }

  @Test
  void longNumbersAndDurationsAreRefusedBeforeTheyAreRead() {
    for (String value : List.of("9".repeat(80_000), "1s".repeat(40_000), "1_".repeat(40_000))) {
      String document = "a: " + value + "\nb: " + value + "\nc: " + value;
      assertThatThrownBy(
              () ->
                  ConfigReader.read(
                      "f.yaml",
                      document,
                      root ->
                          root.required("a").integer()
                              + root.required("b").decimal().intValue()
                              + root.required("c").duration().toMillis()))
          .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.errors()).hasSize(3));
    }
  }
}
