package io.heed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JobsTest {
  private static final Path OPERATIONS = Path.of("../../docs/operations.md");

  @Test
  void operationsDocumentsTheRightsOfEveryJob() throws Exception {
    StringBuilder table = new StringBuilder("| job | READ on | WRITE on |\n| --- | --- | --- |\n");
    for (String job : new TreeSet<>(Jobs.all().keySet())) {
      table.append(
          "| `%s` | %s | %s |\n"
              .formatted(job, names(Jobs.rights(job).reads()), names(Jobs.rights(job).writes())));
    }
    assertThat(Files.readString(OPERATIONS)).contains(table);
  }

  private static String names(Set<Topic> topics) {
    return topics.equals(EnumSet.allOf(Topic.class))
        ? "every topic"
        : topics.stream()
            .map(topic -> "`" + topic.baseName() + "`")
            .collect(Collectors.joining(", "));
  }
}
