package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.streaming.KafkaCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackTest {
  /** A job without the deployment's key must not start once somebody was erased. */
  @Test
  void noKeyIsMadeForAKafkaOfTheUsers(@TempDir Path directory) {
    LocalStackOptions options =
        LocalStackOptions.builder(directory)
            .parts(Part.KAFKA)
            .kafka(KafkaCluster.at("127.0.0.1:1"))
            .build();
    assertThatThrownBy(() -> LocalStack.start(options))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("Kafka at 127.0.0.1:1 cannot be used");
    assertThat(directory.resolve("erasure.key")).doesNotExist();
  }
}
