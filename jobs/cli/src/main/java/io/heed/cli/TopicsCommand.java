package io.heed.cli;

import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaRights;
import io.heed.flink.streaming.KafkaTopics;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heed topics}: what a deployment needs in Kafka. */
@Command(
    name = "topics",
    description = {
      "Prints the topics that a deployment needs. With --create it creates those that are missing,",
      "with --script it prints the commands of Kafka's own tools that do."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = KafkaOptions.class,
    footer = {
      "",
      "Examples:",
      "  ./heed topics",
      "  ./heed topics --create --kafka broker:9093 --kafka-config admin.properties",
      "  ./heed topics --add-partitions --partitions 8 --kafka broker:9093",
      "  ./heed topics --script --replication-factor 3 --min-insync-replicas 2 --acls User:heed"
    })
final class TopicsCommand implements Callable<Integer> {
  private static final class Mode {
    @Option(names = "--create", description = "Creates the topics that are missing.")
    private boolean create;

    @Option(names = "--script", description = "Prints commands of kafka-topics.")
    private boolean script;

    @Option(
        names = "--add-partitions",
        description =
            "Gives every topic as many partitions as --partitions states, while no job runs.")
    private boolean addPartitions;
  }

  @ArgGroup(multiplicity = "0..1")
  private Mode mode = new Mode();

  @Option(
      names = "--acls",
      paramLabel = "PRINCIPAL",
      description =
          "Prints the commands of kafka-acls that let this principal, such as User:heed, run the"
              + " jobs.")
  private String principal;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    JobOptions options = KafkaOptions.of(spec);
    List<NewTopic> topics = KafkaTopics.all(options);
    if (mode.create) {
      DeploymentTopics.create(options, EnumSet.allOf(Topic.class));
      out.printf("%d topics are there on %s%n", topics.size(), options.cluster());
    } else if (mode.script) {
      topics.forEach(topic -> out.println(command(topic, options.cluster())));
    } else if (mode.addPartitions) {
      out.printf(
          "%d topics have grown to %d partitions%n",
          DeploymentTopics.addPartitions(options), options.partitions());
    } else if (principal == null) {
      out.printf("%-32s %10s  %s%n", "topic", "partitions", "configuration");
      topics.forEach(
          topic ->
              out.printf(
                  "%-32s %10d  %s%n",
                  topic.name(), topic.numPartitions(), String.join(" ", pairs(topic.configs()))));
    }
    if (principal != null) {
      for (String job : new TreeSet<>(Jobs.all().keySet())) {
        acls(Jobs.rights(job), options).forEach(out::println);
      }
    }
    return 0;
  }

  private static String command(NewTopic topic, KafkaCluster kafka) {
    StringBuilder command =
        new StringBuilder(tool("kafka-topics.sh", kafka))
            .append(" --create --if-not-exists --topic ")
            .append(topic.name())
            .append(" --partitions ")
            .append(topic.numPartitions());
    if (topic.replicationFactor() > 0) {
      command.append(" --replication-factor ").append(topic.replicationFactor());
    }
    pairs(topic.configs()).forEach(pair -> command.append(" --config ").append(pair));
    return command.toString();
  }

  private List<String> acls(KafkaRights rights, JobOptions options) {
    return rights.acls(options).entrySet().stream()
        .map(
            acl ->
                "%s --add --allow-principal '%s' %s %s"
                    .formatted(
                        tool("kafka-acls.sh", options.cluster()),
                        principal,
                        acl.getValue(),
                        acl.getKey()))
        .toList();
  }

  private static String tool(String name, KafkaCluster kafka) {
    return name
        + " --bootstrap-server "
        + kafka
        + (kafka.config() == null ? "" : " --command-config " + kafka.config());
  }

  private static List<String> pairs(Map<String, String> config) {
    return config.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }
}
