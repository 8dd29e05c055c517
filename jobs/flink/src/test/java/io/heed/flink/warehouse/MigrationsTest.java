package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  @Test
  void areTheFilesOfTheFolderInOrder() throws Exception {
    Path folder = Path.of(Migrations.class.getResource("0001_events.sql").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(f -> f.endsWith(".sql")))
          .containsExactlyInAnyOrderElementsOf(Migrations.FILES);
    }
    assertThat(Migrations.FILES).isSorted();
    assertThat(Migrations.FILES).extracting(file -> file.substring(0, 4)).doesNotHaveDuplicates();
  }

  @Test
  void consistOfStatementsThatMayRunTwice() {
    for (String file : Migrations.FILES) {
      assertThat(Migrations.statements(Migrations.read(file)))
          .as(file)
          .isNotEmpty()
          .allMatch(
              statement ->
                  statement.matches(
                      "(?s).*?( IF (NOT )?EXISTS | OR REPLACE | MODIFY (TTL|QUERY)\\s).*"));
    }
  }

  @Test
  void areSplitAtSemicolonsThatEndALine() {
    assertThat(Migrations.statements("-- first;\nSELECT ';', 1;\nSELECT\n  2;\n"))
        .containsExactly("SELECT ';', 1", "SELECT\n  2");
  }
}
