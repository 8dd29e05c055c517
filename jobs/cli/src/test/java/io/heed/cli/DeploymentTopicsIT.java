package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DeploymentTopicsIT {
  @TempDir private static Path directory;
  private static LocalStack stack;
  private static String kafka;
  private static Admin admin;

  @BeforeAll
  static void start() throws InterruptedException {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory).parts(Part.KAFKA).kafkaPort(0).build());
    kafka = stack.endpoints().kafka();
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka));
  }

  @AfterAll
  static void stop() {
    admin.close();
    stack.close();
  }

  @Test
  void topicsThatAProducerMadeAreGivenWhatTheJobsRelyOn() throws Exception {
    make(
        new NewTopic("made.sms.send", 3, (short) 1).configs(Map.of("retention.ms", "86400000")),
        new NewTopic("made.sms.decision.suppression", 3, (short) 1));

    create("made.");

    Config send = config("made.sms.send");
    assertThat(send.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
    assertThat(send.get("retention.ms").value()).isEqualTo("86400000");
    Config suppression = config("made.sms.decision.suppression");
    assertThat(suppression.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
    assertThat(suppression.get("cleanup.policy").value()).isEqualTo("compact");
    List<String> all =
        Arrays.stream(Topic.values()).map(topic -> "made." + topic.baseName()).toList();
    assertThat(admin.describeTopics(all).allTopicNames().get().values())
        .hasSize(Topic.values().length)
        .allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
  }

  @Test
  void differentNumbersOfPartitionsAreRefused() throws Exception {
    make(
        new NewTopic("uneven.sms.send", 2, (short) 1),
        new NewTopic("uneven.sms.click", 3, (short) 1));

    assertThatThrownBy(() -> create("uneven."))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("uneven.sms.click=3")
        .hasMessageContaining("uneven.sms.send=2");
    assertThat(grow("uneven.", 2)).contains("uneven.sms.click has 3 partitions");
    assertThat(grow("uneven.", 3)).isEqualTo("1 topics have grown to 3 partitions\n");
    create("uneven.");
    assertThat(grow("unevne.", 3)).contains("no topic of Heed with prefix 'unevne.' is visible");
  }

  private static String grow(String prefix, int partitions) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    Heed.commandLine()
        .setOut(writer)
        .setErr(writer)
        .execute(
            "topics",
            "--add-partitions",
            "--partitions",
            "" + partitions,
            "--topic-prefix",
            prefix,
            "--kafka",
            kafka);
    return out.toString();
  }

  @Test
  void aTestStartsAgainUnderTheNextFreeId(@TempDir Path config) throws Exception {
    Path experiments = Files.createDirectories(config.resolve("experiments"));
    Files.copy(
        Path.of("../../experiment-config/experiments/deals-emoji.yaml"),
        experiments.resolve("deals-emoji.yaml"));
    assertThat(apply(config)).contains("1 published, 0 unchanged");
    assertThat(apply(config, "--restart", "deals-emoji", "--dry-run"))
        .contains("deals-emoji starts again as deals-emoji-2", "1 would be published");
    assertThat(experiments.resolve("deals-emoji-2.yaml")).doesNotExist();
    assertThat(apply(config, "--restart", "deals-emoji")).contains("1 published, 1 unchanged");
    assertThat(experiments.resolve("deals-emoji-2.yaml")).content().contains("id: deals-emoji-2\n");
    assertThat(apply(config)).contains("0 published, 2 unchanged");
    Files.delete(experiments.resolve("deals-emoji-2.yaml"));
    assertThat(apply(config, "--restart", "deals-emoji"))
        .contains("deals-emoji starts again as deals-emoji-3");
  }

  private static void create(String prefix) throws InterruptedException {
    DeploymentTopics.create(
        JobOptions.fromArgs("--kafka", kafka, "--topic-prefix", prefix),
        EnumSet.allOf(Topic.class));
  }

  private static String apply(Path config, String... more) {
    StringWriter out = new StringWriter();
    CommandLine heed = Heed.commandLine();
    heed.setOut(new PrintWriter(out, true));
    List<String> all = new ArrayList<>(List.of("apply", config.toString(), "--kafka", kafka));
    all.addAll(List.of("--topic-prefix", "again."));
    all.addAll(List.of(more));
    assertThat(heed.execute(all.toArray(String[]::new))).isZero();
    return out.toString();
  }

  private static void make(NewTopic... topics) throws Exception {
    admin.createTopics(List.of(topics)).all().get();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                admin
                    .listTopics()
                    .names()
                    .get()
                    .containsAll(Arrays.stream(topics).map(NewTopic::name).toList()));
  }

  private static Config config(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin.describeConfigs(List.of(resource)).all().get().get(resource);
  }
}
