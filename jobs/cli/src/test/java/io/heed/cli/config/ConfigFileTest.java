package io.heed.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.core.gate.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path directory;

  @BeforeEach
  void makeDirectories() throws IOException {
    for (String name : List.of("limits", "examples", "schemas", ".git")) {
      Files.createDirectories(directory.resolve(name));
    }
  }

  @Test
  void readsEveryDocumentAndNothingElse() throws IOException {
    write("limits/b.yaml", "id: b\nlimit: 2\n");
    write("limits/a.yaml", "id: a\nlimit: 1\n");
    write("examples/wrong.yaml", "not: known\n");
    write("schemas/limit.schema.json", "{}");
    write(".git/config.yaml", "not: known\n");
    write("README.md", "Limits.");

    assertThat(ConfigFile.readAll(directory, List.of(TestingDocument.LIMITS)))
        .extracting(ConfigFile::id)
        .containsExactly("a", "b");
  }

  @Test
  void reportsEveryMistakeOfEveryFile() throws IOException {
    write("limits/a.yaml", "id: a\nlimit: 0\ncolour: red\n");
    write("limits/b.yaml", "# Twice.\nid: same\nlimit: 2\n");
    write("limits/c.yaml", "id: same\nlimit: 3\n");
    write("limits/deep/d.yml", "id: d\n");
    Files.write(directory.resolve("limits/e.yaml"), "id: é".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> ConfigFile.readAll(directory, List.of(TestingDocument.LIMITS)))
        .isInstanceOf(UserError.class)
        .message()
        .startsWith("5 mistakes in " + directory)
        .contains(directory + "/limits/a.yaml:2: limit: ")
        .contains(directory + "/limits/a.yaml:3: colour: ")
        .contains(directory + "/limits/c.yaml:1: id: 'same' is already in")
        .contains("d.yml:1: belongs to no kind of document (allowed: limits/*.yaml)")
        .contains("e.yaml:1: not text in UTF-8");
  }

  @Test
  void theProgrammeHasOneHoldoutAtATime() throws IOException {
    Files.createDirectories(directory.resolve("policies"));
    write(
        "policies/a.yaml", "id: a\nholdout: {share: 0.1, start: 2026-01-01, until: 2026-07-01}\n");
    write("policies/b.yaml", "id: b\nholdout: {share: 0.1, start: 2026-07-01}\n");
    assertThat(ConfigFile.readAll(directory, List.of(Policy.KIND))).hasSize(2);
    write(
        "policies/c.yaml", "id: c\nholdout: {share: 0.2, start: 2026-06-01, until: 2026-06-02}\n");
    assertThatThrownBy(() -> ConfigFile.readAll(directory, List.of(Policy.KIND)))
        .isInstanceOf(UserError.class)
        .message()
        .startsWith("1 mistake in " + directory)
        .contains(directory + "/policies/c.yaml:1: holdout: " + directory)
        .contains("policies/a.yaml has one for a part of that time");
  }

  @Test
  void saysWhenThereIsNoDirectory() {
    Path missing = directory.resolve("nowhere");
    assertThatThrownBy(() -> ConfigFile.readAll(missing))
        .isInstanceOf(UserError.class)
        .hasMessage("there is no directory " + missing);
  }

  private void write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
