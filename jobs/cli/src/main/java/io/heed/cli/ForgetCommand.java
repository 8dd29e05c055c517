package io.heed.cli;

import io.heed.cli.erasure.ErasedTables;
import io.heed.cli.erasure.ErasedTopics;
import io.heed.cli.erasure.JobsPassed;
import io.heed.cli.erasure.People;
import io.heed.cli.explain.WarehouseOptions;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ErasureTopic;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed forget}: erases people, and keeps them suppressed. */
@Command(
    name = "forget",
    description = {
      "Erases people: expires the jobs' state of them, takes them out of the compacted topics, and",
      "deletes their rows in the warehouse. Who is suppressed stays so, by a keyed hash of the id.",
      "Can be repeated, for the same people as well; give many at once, for rows are rewritten once."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ForgetCommand.WithJobOptions.class,
    footer = {
      "",
      "Examples:",
      "  ./heed forget +12125550123",
      "  ./heed forget +12125550123 +12125550178 --kafka broker:9093 --kafka-config forget.properties"
          + " \\",
      "    --clickhouse-url jdbc:clickhouse://db:8123 --erasure-key /etc/heed/erasure.key"
    })
final class ForgetCommand implements Callable<Integer> {
  private static final int MOST = 1_000;
  private static final List<String> JOB_OPTIONS =
      List.of("kafka", "kafka-config", "topic-prefix", "default-country", "erasure-key");

  @Parameters(
      paramLabel = "RECIPIENT",
      arity = "1..*",
      description = "Ids of the people, as Heed has them.")
  private List<String> recipients;

  @Option(
      names = "--suppress",
      description = "Suppresses them for everything, also who was not suppressed.")
  private boolean suppress;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How long to wait until every job has a checkpoint without them (default:"
              + " ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(
      names = "--without",
      paramLabel = "JOB",
      split = ",",
      description = "Jobs that are not waited for: they have run once, and never will again.")
  private List<String> without = List.of();

  @Option(names = "--no-warehouse", description = "Deletes no rows: there is no warehouse.")
  private boolean noWarehouse;

  @Mixin private WarehouseOptions warehouse;

  @Spec private CommandSpec spec;

  /** Adds the options that jobs have as well. */
  static final class WithJobOptions implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      return KafkaOptions.add(command, JOB_OPTIONS);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    JobOptions options = KafkaOptions.of(spec);
    People people = people(options);
    EventPublisher.requireTopics(options.cluster(), options.topicNames(), List.of(Topic.values()));
    PrintWriter out = spec.commandLine().getOut();
    // Opened first, so that a warehouse that is away leaves nothing half done.
    try (Connection connection = noWarehouse ? null : warehouse.connect();
        ErasedTopics topics = ErasedTopics.open(options, people, System::currentTimeMillis)) {
      requireWarehouse(connection);
      Map<TopicPartition, Long> requested = topics.request(suppress);
      Map<String, Boolean> jobs =
          JobsPassed.await(options, requested, without, Duration.ofSeconds(timeoutSeconds));
      if (jobs.containsValue(false)) {
        throw new UserError(
            "no checkpoint after the request within %d s: %s; start them and repeat the command, or give --without for a job that never will run again"
                .formatted(timeoutSeconds, names(jobs, false)));
      }
      Map<String, Integer> taken = topics.finish();
      List<String> tables =
          connection == null ? List.of() : ErasedTables.delete(connection, people);
      for (String id : people.ids()) {
        out.println("erased      " + id + kept(topics.kept(id)));
      }
      out.println("jobs        " + (jobs.isEmpty() ? "none has run" : names(jobs, true)));
      out.println(
          "topics      "
              + (taken.isEmpty()
                  ? "no record to take out"
                  : taken.entrySet().stream()
                      .map(each -> each.getValue() + " of " + each.getKey())
                      .collect(Collectors.joining(", "))));
      out.println("warehouse   " + (tables.isEmpty() ? "left out" : tables.size() + " tables"));
      out.println("remains     " + remains(options));
      return 0;
    } catch (SQLException e) {
      throw warehouse.unreachable(e);
    } catch (ExecutionException | KafkaException | IllegalStateException e) {
      throw new UserError("Kafka at %s: %s".formatted(options.cluster(), e.getMessage()), e);
    }
  }

  private void requireWarehouse(Connection connection) throws SQLException {
    if (connection != null) {
      try (var statement = connection.createStatement()) {
        statement.execute("SELECT 1 FROM events LIMIT 0");
      }
    }
  }

  private People people(JobOptions options) {
    if (recipients.size() > MOST) {
      throw new UserError("%d people: at most %d at once".formatted(recipients.size(), MOST));
    }
    KeyedHash key;
    try {
      key = ErasureTopic.key(options);
      // A local stack's own; another Kafka is another deployment, whose jobs have another key.
      Path local = Path.of(System.getProperty("heed.home", "."), ".heed", "erasure.key");
      boolean isLocal = !spec.commandLine().getParseResult().hasMatchedOption("--kafka");
      key = key == null && isLocal && Files.exists(local) ? KeyedHash.fromFile(local) : key;
    } catch (IllegalStateException | IOException e) {
      throw new UserError(e.getMessage(), e);
    }
    if (key == null) {
      throw new UserError(
          "--erasure-key: needed, the file that the jobs have; make it once: head -c 32 /dev/urandom | base64 > erasure.key");
    }
    RecipientIds ids = new RecipientIds(options.defaultCountry());
    Set<String> canonical = new LinkedHashSet<>();
    for (String recipient : recipients) {
      if (recipient.isBlank()) {
        throw new UserError("RECIPIENT: an empty id, allowed: a phone number or a pseudonym");
      }
      canonical.add(ids.canonical(recipient, null));
    }
    return new People(canonical, key);
  }

  private static String kept(List<KeptSuppression> kept) {
    return kept.isEmpty()
        ? ", was not suppressed"
        : ", stays suppressed on "
            + kept.stream()
                .map(each -> each.scope().equals("*") ? "everything" : each.scope())
                .collect(Collectors.joining(", "));
  }

  private static String names(Map<String, Boolean> jobs, boolean passed) {
    return jobs.entrySet().stream()
        .filter(job -> job.getValue() == passed)
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }

  /** Event topics keep what they have until Kafka's retention ends. */
  private static String remains(JobOptions options) {
    List<String> parts = new ArrayList<>();
    for (Topic.Retention retention :
        List.of(Topic.Retention.WEEK, Topic.Retention.HORIZON, Topic.Retention.FOREVER)) {
      List<Topic> topics =
          Arrays.stream(Topic.values())
              .filter(topic -> topic.retention() == retention)
              .filter(topic -> topic.carriesEvents() || topic == Topic.SEND_VERDICT)
              .toList();
      parts.add(
          (retention.millis() < 0
                  ? "as proof of consent until you set a retention"
                  : "%d days".formatted(Duration.ofMillis(retention.millis()).toDays()))
              + " in "
              + String.join(", ", options.topicNames().of(topics)));
    }
    return "in Kafka's logs by their retention: " + String.join("; ", parts);
  }
}
