package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.flink.attribution.AttributionCases;
import io.heed.flink.experiments.ExperimentCases;
import io.heed.flink.sendgate.SendGateCases;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Situations that people of the trade have met, each of which has to come out as expected: those of
 * {@code field-cases.jsonl} beside this test, and those of the file of that name beside the data
 * sets, where it is present.
 */
class FieldCasesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, FieldCheck> CHECKS = new HashMap<>();

  static {
    for (Map<String, FieldCheck> checks :
        List.of(
            SendGateCases.checks(),
            AttributionCases.checks(),
            ExperimentCases.checks(),
            ReplayCases.checks(),
            RuleCases.checks())) {
      CHECKS.putAll(checks);
    }
  }

  /** A situation, and what has to come of it. */
  record Case(String source, String kind, JsonNode input, String expected) {}

  @ParameterizedTest
  @MethodSource("shared")
  void reportedCases(Case each) throws Exception {
    check(each);
  }

  @ParameterizedTest
  @MethodSource("own")
  void ownCases(Case each) throws Exception {
    check(each);
  }

  private static void check(Case each) throws Exception {
    assertThat(CHECKS).as("a kind that no check knows").containsKey(each.kind());
    CHECKS.get(each.kind()).check(each.input(), each.expected());
  }

  static List<Named<Case>> own() throws IOException {
    try (InputStream in = FieldCasesTest.class.getResourceAsStream("field-cases.jsonl")) {
      return cases(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  static List<Named<Case>> shared() throws IOException {
    return cases(Files.readAllLines(sharedFile()));
  }

  private static List<Named<Case>> cases(List<String> lines) throws IOException {
    List<Named<Case>> cases = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        Case each = JSON.readValue(line, Case.class);
        cases.add(Named.of(each.kind() + ": " + each.input(), each));
      }
    }
    assertThat(cases).hasSizeGreaterThan(50);
    return cases;
  }

  private static Path sharedFile() {
    String relative = "../cases/field-cases.jsonl";
    String configured = System.getenv("HEED_DATASETS");
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path sets = configured == null ? at.resolve("shared/datasets") : Path.of(configured);
      if (Files.exists(sets.resolve(relative))) {
        return sets.resolve(relative);
      }
    }
    return abort("Skipped: no field-cases.jsonl beside the data sets; set HEED_DATASETS");
  }
}
