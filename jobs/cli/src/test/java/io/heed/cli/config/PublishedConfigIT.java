package io.heed.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.ConfigVersion;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedConfigIT {
  @TempDir private Path directory;

  @Test
  void publishesWhatIsNewAndNothingTwice() throws IOException, InterruptedException {
    LocalStackOptions options =
        LocalStackOptions.builder(directory.resolve("stack"))
            .parts(Part.KAFKA)
            .kafkaPort(0)
            .topicPrefix("test.")
            .build();
    try (LocalStack stack = LocalStack.start(options)) {
      String kafka = stack.endpoints().kafka();
      JobOptions job = JobOptions.fromArgs("--kafka", kafka, "--topic-prefix", "test.");
      JobOptions other = JobOptions.fromArgs("--kafka", kafka, "--topic-prefix", "other.");
      PublishedConfig published = new PublishedConfig(job);

      published.publish(changes(published, "id: a\nlimit: 5\n"));
      assertThat(changes(published, "id: a\nlimit: 5\n").changes()).isEmpty();
      published.publish(changes(published, "id: a\nlimit: 6\n"));

      assertThat(ConfigTopic.readToEnd(job))
          .extracting(ConfigVersion::document)
          .containsExactlyInAnyOrder("id: a\nlimit: 5\n", "id: a\nlimit: 6\n");
      assertThatThrownBy(() -> changes(published, "id: a\nlimit: 2\n"))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("may not fall below 6");
      assertThat(changes(new PublishedConfig(other), "id: a\nlimit: 2\n").changes())
          .as("another deployment on the same Kafka")
          .hasSize(1);
    }
  }

  private ConfigChanges changes(PublishedConfig published, String text)
      throws IOException, InterruptedException {
    Path config = directory.resolve("config");
    Files.createDirectories(config.resolve("limits"));
    Files.writeString(config.resolve("limits/a.yaml"), text);
    return published.changes(
        config, ConfigFile.readAll(config, List.of(TestingDocument.LIMITS)), null);
  }
}
