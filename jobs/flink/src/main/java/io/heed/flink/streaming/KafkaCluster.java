package io.heed.flink.streaming;

import io.heed.core.config.FileProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.utils.Utils;

/**
 * A Kafka cluster as clients reach it. Every client of Heed gets its configuration here.
 *
 * <p>The file is one of client properties as Kafka's own tools take it. A value may refer to a
 * secret by Kafka's configuration providers: {@code ${env:NAME}}, {@code ${file:PATH:KEY}} and
 * {@code ${dir:PATH:FILE}}. Each client resolves it where it runs, so that a job's graph, its
 * checkpoints and Flink's pages hold the reference alone.
 *
 * @param servers bootstrap servers, {@code host:port}, separated by commas
 * @param config file of client properties, or null
 */
public record KafkaCluster(String servers, Path config) {
  /** What deciding relies on, or what an option of Heed states. */
  private static final List<String> OWN =
      List.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
          CommonClientConfigs.GROUP_ID_CONFIG,
          CommonClientConfigs.CLIENT_ID_CONFIG,
          CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.PARTITIONER_CLASS_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG);

  /** Kafka would take the reference itself for the value. */
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([^}]*)}");

  private static final Map<String, Class<?>> PROVIDERS =
      Map.of(
          "env", EnvVarConfigProvider.class,
          "file", FileConfigProvider.class,
          "dir", DirectoryConfigProvider.class);

  /** A cluster that needs no more than its servers' names. */
  public static KafkaCluster at(String servers) {
    return new KafkaCluster(servers, null);
  }

  /**
   * Configuration of one client.
   *
   * @param own what this client needs, as Kafka names it; wins over the file
   * @throws IllegalArgumentException if the file cannot be read or holds what Heed sets itself,
   *     with the file, the property and what to do
   */
  public Properties client(Map<String, ?> own) {
    Properties client = new Properties();
    if (config != null) {
      client.putAll(read());
      if (!client.containsKey(AbstractConfig.CONFIG_PROVIDERS_CONFIG)) {
        client.put(AbstractConfig.CONFIG_PROVIDERS_CONFIG, String.join(",", PROVIDERS.keySet()));
        PROVIDERS.forEach(
            (name, type) -> client.put("config.providers." + name + ".class", type.getName()));
      }
    }
    client.putAll(own);
    client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return client;
  }

  private Map<String, String> read() {
    Properties file;
    try {
      file = Utils.loadProps(config.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException("--kafka-config " + config + ": " + FileProblem.of(e), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--kafka-config %s: cannot be read as properties: %s".formatted(config, e.getMessage()),
          e);
    }
    Map<String, String> properties = new HashMap<>();
    for (String name : file.stringPropertyNames()) {
      if (OWN.contains(name)) {
        throw new IllegalArgumentException(
            "--kafka-config %s: %s is set by Heed, remove it%s"
                .formatted(
                    config,
                    name,
                    name.equals(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                        ? " and give --kafka"
                        : ""));
      }
      properties.put(name, file.getProperty(name));
      Matcher variable = VARIABLE.matcher(file.getProperty(name));
      while (variable.find()) {
        if (System.getenv(variable.group(1)) == null) {
          throw new IllegalArgumentException(
              "--kafka-config %s: %s: environment variable %s is not set"
                  .formatted(config, name, variable.group(1)));
        }
      }
    }
    return properties;
  }

  /** The job options that give this cluster, to a process in any directory. */
  public List<String> toArgs() {
    return List.of(
        "--kafka",
        servers,
        "--kafka-config",
        config == null ? "" : config.toAbsolutePath().toString());
  }

  @Override
  public String toString() {
    return servers;
  }
}
