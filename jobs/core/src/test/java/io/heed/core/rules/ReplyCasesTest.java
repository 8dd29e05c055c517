package io.heed.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.rules.ReplyIntent.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Precision and recall of the recogniser, per language, on labelled replies. */
class ReplyCasesTest {
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();

  /** How many of each label were taken for a revocation and how many not. */
  private static final class Counts {
    private int hits;
    private int misses;
    private int mistaken;
    private int left;

    @Override
    public String toString() {
      return "recall %d of %d, mistaken %d of %d"
          .formatted(hits, hits + misses, mistaken, mistaken + left);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "shared"})
  void takesRevocationsAndNothingElse(String which) throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<String, Counts> byLanguage = new TreeMap<>();
    for (String line : which.equals("own") ? own() : shared()) {
      String[] cells = line.split("\t", -1);
      if (cells.length < 3 || line.startsWith("#") || cells[0].equals("language")) {
        continue;
      }
      boolean taken = RECOGNISER.recognise(cells[2]).revokes();
      Counts counts = byLanguage.computeIfAbsent(cells[0], l -> new Counts());
      switch (cells[1]) {
        case "R" -> {
          counts.hits += taken ? 1 : 0;
          counts.misses += taken ? 0 : 1;
        }
        case "N" -> {
          counts.mistaken += taken ? 1 : 0;
          counts.left += taken ? 0 : 1;
          if (taken) {
            wrong.add(cells[2]);
          }
        }
        default -> {
          // Ambiguous: either reading is fair.
        }
      }
    }
    System.out.println(which + " replies: " + byLanguage);
    assertThat(wrong).isEmpty();
    int hits = byLanguage.values().stream().mapToInt(c -> c.hits).sum();
    int all = byLanguage.values().stream().mapToInt(c -> c.hits + c.misses).sum();
    assertThat(all).isGreaterThan(50);
    assertThat(hits * 100).isGreaterThanOrEqualTo(95 * all);
  }

  private static List<String> own() throws IOException {
    try (InputStream in = ReplyCasesTest.class.getResourceAsStream("reply-cases.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static List<String> shared() throws IOException {
    return Files.readAllLines(Datasets.file("../cases/replies.tsv"));
  }

  @ParameterizedTest
  @CsvSource({
    "Wrong number, WRONG_NUMBER, WHOLE",
    "Sorry you have the wrong number, WRONG_NUMBER, WHOLE",
    "hi I think you have the wrong person, WRONG_NUMBER, WITHIN",
    "Falsche Nummer, WRONG_NUMBER, WHOLE",
    "Wrong number please remove me, OPT_OUT, WHOLE",
    "STOP ACME, OPT_OUT, FIRST",
    "No more, OPT_OUT, WHOLE",
    "no more!!, OPT_OUT, WHOLE",
    "no more sizes left?, NONE, NOTHING",
    "I have no more, NONE, NOTHING",
    "stop 12345, OPT_OUT, FIRST",
    "I never asked for this please stop, OPT_OUT, LAST",
    "you sent me nine of these STOP, OPT_OUT, LAST",
    "sotp, OPT_OUT, MISSPELT",
    "un subscribe, OPT_OUT, SPACED",
    "STOP. Who are you, OPT_OUT, SENTENCE",
    "my wife and I would like you to take me off your list, OPT_OUT, WITHIN",
    "I unsubscribed by accident, NONE, WISHES_TO_STAY",
  })
  void givesItsReason(String body, Kind kind, ReplyIntent.Rule rule) {
    ReplyIntent intent = RECOGNISER.recognise(body);
    assertThat(intent.kind()).isEqualTo(kind);
    assertThat(intent.rule()).isEqualTo(rule);
    assertThat(intent.reason())
        .contains(intent.phrase().isEmpty() ? "nothing" : "'" + intent.phrase() + "'");
  }
}
