package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.model.ConfigVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExperimentDefinitionTest {
  private static final Path EXAMPLES = Path.of("../../experiment-config");

  @Test
  void anOpenEndedTestEndsAtItsHorizonOrAtTwiceItsPlannedSize() throws Exception {
    ExperimentDefinition defined = defined("examples/subject-line.yaml");
    assertThat(defined.experimentId()).isEqualTo("example-welcome-text");
    assertThat(defined.owner()).isEqualTo("growth@example.com");
    assertThat(defined.hypothesis()).startsWith("A question at the start of the welcome text");
    assertThat(defined.startsAt()).isEqualTo(Instant.parse("2026-03-02T00:00:00Z").toEpochMilli());
    // 30 days of exposures, and the last window of 24 hours.
    assertThat(defined.expiresAt()).isEqualTo(Instant.parse("2026-04-02T00:00:00Z").toEpochMilli());
    assertThat(defined.design()).isEqualTo("open-ended");
    assertThat(defined.competing()).containsExactly("statement", "question");
    assertThat(defined.lists()).containsExactly("newcomers");
    ExperimentConfig config = ExperimentReader.parse("x", text("examples/subject-line.yaml"));
    assertThat((double) defined.limitRecipients()).isCloseTo(2 * config.plannedSize(), within(1.0));
  }

  @Test
  void aTestWithoutAHorizonHasNoEndAndItsHoldoutDoesNotCompete() throws Exception {
    ExperimentDefinition defined = defined("experiments/launch-copy.yaml");
    assertThat(defined.expiresAt()).isNull();
    assertThat(defined.competing()).containsExactly("control", "short-copy");
  }

  @Test
  void aPlannedListEndsWithItsLastLook() throws Exception {
    assertThat(defined("examples/planned-list.yaml").limitRecipients()).isEqualTo(32_000);
  }

  @Test
  void whatIsNoExperimentOrUnreadableHasNone() {
    assertThat(ExperimentDefinition.of(version("policy", "id: default"))).isEmpty();
    assertThat(ExperimentDefinition.of(version("experiment", "id: [broken"))).isEmpty();
  }

  private static ExperimentDefinition defined(String file) throws Exception {
    return ExperimentDefinition.of(version("experiment", text(file))).orElseThrow();
  }

  private static String text(String file) throws Exception {
    return Files.readString(EXAMPLES.resolve(file));
  }

  private static ConfigVersion version(String kind, String document) {
    return ConfigVersion.of(kind, "x", 0, 0, document);
  }
}
