package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code, documents and pages use the words of the field, see docs/glossary.md. */
class WordsTest {
  /**
   * Instead: publish, emit, report, distinguish; recently active; dependency, adjacent; and so on.
   */
  private static final Set<String> PRIVATE =
      Set.of(
          "tell",
          "tells",
          "told",
          "telling",
          "heard",
          "neighbour",
          "neighbours",
          "patience",
          "folded",
          "oftener",
          "whoever",
          "anew");

  private static final Pattern PHRASES =
      Pattern.compile("way of the data|(?i:place in time)|(?:earlier|previous) li(?:fe|ves)\\b");

  private static final Pattern WORD = Pattern.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])");
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

  private static final List<String> SOURCES =
      List.of(
          "README.md",
          "CHANGELOG.md",
          "DECISIONS.md",
          "heed",
          "dashboards/grafana",
          "dashboards/preview/src",
          "dashboards/src",
          "deploy",
          "docs",
          "experiment-config",
          "jobs/bench/src",
          "jobs/cli/src",
          "jobs/client/src",
          "jobs/core/src",
          "jobs/flink/src",
          "sim-data/mappings",
          "sim-data/scenarios",
          "sim-data/src");

  private static final Pattern TEXT =
      Pattern.compile("(?:heed|.*\\.(?:java|md|ts|js|json|ya?ml|sql|csv|tsv|xml|html|css))");

  /** What people write in replies, and names of places. */
  private static final Set<String> DATA =
      Set.of(
          "country-zones.csv",
          "real-words.csv",
          "reply-cases.tsv",
          "reply-phrases.csv",
          "words.yaml",
          "WordsTest.java");

  /** Quote replies. */
  private static final Set<String> QUOTING =
      Set.of("ReplyRecogniser.java", "ReplyRecogniserTest.java", "replies.md");

  @Test
  void noPrivateWordComesBack() throws IOException {
    Path root = Path.of("../..").toRealPath();
    List<String> found = new ArrayList<>();
    int files = 0;
    for (String source : SOURCES) {
      try (Stream<Path> all = Files.walk(root.resolve(source))) {
        for (Path file : all.filter(WordsTest::isRead).toList()) {
          files++;
          List<String> lines = Files.readAllLines(file);
          for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (QUOTING.contains(file.getFileName().toString())) {
              line = QUOTED.matcher(line).replaceAll("");
            }
            if (isPrivate(line)) {
              found.add(root.relativize(file) + ":" + (i + 1) + ": " + line.strip());
            }
          }
        }
      }
    }
    assertThat(files).isGreaterThan(600);
    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "// What was told.",
        "capTelling.publish();",
        "int toldAt = 0;",
        "TELL_MILLIS",
        "heed_folded",
        "of an earlier life"
      })
  void findsWordsInTextAndNames(String line) {
    assertThat(isPrivate(line)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"intelligent", "scaffolded", "a manewly made name", "UNTOLDABLE"})
  void findsNoPartsOfWords(String line) {
    assertThat(isPrivate(line)).isFalse();
  }

  private static boolean isRead(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file) && TEXT.matcher(name).matches() && !DATA.contains(name);
  }

  private static boolean isPrivate(String line) {
    return PHRASES.matcher(line).find()
        || WORD.matcher(line)
            .results()
            .map(MatchResult::group)
            .anyMatch(word -> PRIVATE.contains(word.toLowerCase(Locale.ROOT)));
  }
}
