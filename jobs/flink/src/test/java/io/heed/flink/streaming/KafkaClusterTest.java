package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaClusterTest {
  @TempDir private Path directory;

  @Test
  void aClientResolvesSecretsItselfAndItsOwnSettingsWin() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "password=s3cret\n");
    Path client =
        Files.writeString(
            directory.resolve("client.properties"),
            "sasl.jaas.config=login ${file:" + secret + ":password}\nlinger.ms=7\n");
    KafkaCluster cluster = new KafkaCluster("a:1", client);

    Map<Object, Object> properties = cluster.client(Map.of(ProducerConfig.LINGER_MS_CONFIG, 2));

    assertThat(properties).containsEntry("bootstrap.servers", "a:1").containsEntry("linger.ms", 2);
    assertThat(properties.toString()).doesNotContain("s3cret");
    assertThat(new AdminClientConfig(properties).getPassword("sasl.jaas.config").value())
        .isEqualTo("login s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          acks=1                 | acks is set by Heed, remove it
          bootstrap.servers=b:1  | bootstrap.servers is set by Heed, remove it and give --kafka
          a=x ${env:NOT_SET_HERE} | a: environment variable NOT_SET_HERE is not set
          a=\\u00zz              | cannot be read as properties
          """)
  void whatCannotBeTakenIsRefusedWithTheFile(String line, String message) throws IOException {
    Path file = Files.writeString(directory.resolve("client.properties"), line);

    assertThatThrownBy(() -> new KafkaCluster("a:1", file).client(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--kafka-config " + file)
        .hasMessageContaining(message);
  }

  /** A client that takes its servers from elsewhere would leave out TLS and SASL. */
  @Test
  void everyClientIsConfiguredInOnePlace() throws IOException {
    List<String> others;
    try (Stream<Path> files = Files.walk(Path.of("../.."))) {
      others =
          files
              .filter(file -> file.toString().matches(".*/(flink|cli)/src/main/.*\\.java"))
              .filter(file -> !file.endsWith("KafkaCluster.java"))
              .filter(file -> text(file).matches("(?s).*(BOOTSTRAP_SERVERS|setBootstrap).*"))
              .map(Path::toString)
              .toList();
    }
    assertThat(others).isEmpty();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(file.toString(), e);
    }
  }
}
