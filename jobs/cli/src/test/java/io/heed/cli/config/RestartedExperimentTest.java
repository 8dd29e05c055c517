package io.heed.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.model.ConfigVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartedExperimentTest {
  private static final Instant NOW = Instant.parse("2026-11-30T10:00:00.123Z");
  private static final String DOCUMENT =
      """
      # Emoji or none.
      id: emoji # the first one
      owner: o
      hypothesis: h
      variants:
        - {id: a, weight: 1}
        - {id: b, weight: 3}
      primary_metric: {event: click, window: 24h, expected_base_rate: 0.1}
      minimum_effect: 0.2
      start: 2026-03-01
      effective_from: 2026-03-05
      """;

  private static ConfigFile file(String text) {
    try {
      return new ConfigFile(
          ExperimentReader.KIND,
          Path.of("config/experiments/old.yaml"),
          ExperimentReader.parse("old.yaml", text),
          text);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void isTheOldTestUnderANewIdFromNowOn() {
    ConfigFile again = RestartedExperiment.of(List.of(file(DOCUMENT)), List.of(), "emoji", NOW);
    assertThat(again.id()).isEqualTo("emoji-2");
    assertThat(again.path()).isEqualTo(Path.of("config/experiments/emoji-2.yaml"));
    assertThat(again.text()).startsWith("# Emoji or none.\nid: emoji-2\nowner: o\n");
    ExperimentConfig config = (ExperimentConfig) again.document();
    assertThat(config.start()).isEqualTo("2026-11-30T10:00:00Z");
    assertThat(config.effectiveFrom()).isNull();
    ExperimentConfig old = (ExperimentConfig) file(DOCUMENT).document();
    assertThat(old.changedRule(config)).contains("id");
    assertThat(config.shares()).isEqualTo(old.shares());
  }

  @Test
  void takesAnIdThatWasNeverUsed() {
    ConfigVersion published =
        ConfigVersion.of("experiment", "emoji-2", 1, 1, DOCUMENT.replace("emoji #", "emoji-2 #"));
    List<ConfigFile> files =
        List.of(file(DOCUMENT), file(DOCUMENT.replace("emoji #", "emoji-3 #")));
    for (String id : List.of("emoji", "emoji-3")) {
      assertThat(RestartedExperiment.of(files, List.of(published), id, NOW).id())
          .isEqualTo("emoji-4");
    }
  }

  @Test
  void writesOverNoOtherFile(@TempDir Path directory) throws Exception {
    ConfigFile old =
        new ConfigFile(
            ExperimentReader.KIND,
            directory.resolve("old.yaml"),
            file(DOCUMENT).document(),
            DOCUMENT);
    Path taken = Files.createFile(directory.resolve("emoji-2.yaml"));
    assertThatThrownBy(() -> RestartedExperiment.of(List.of(old), List.of(), "emoji", NOW))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(taken + " exists already");
  }

  @Test
  void refusesWhatItCannotStart() {
    assertThatThrownBy(
            () -> RestartedExperiment.of(List.of(file(DOCUMENT)), List.of(), "emoij", NOW))
        .isInstanceOf(UserError.class)
        .hasMessage("no file has the experiment emoij");
    String quoted = DOCUMENT.replace("start:", "\"start\":");
    assertThatThrownBy(() -> RestartedExperiment.of(List.of(file(quoted)), List.of(), "emoji", NOW))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no line that begins with 'start:'");
  }
}
