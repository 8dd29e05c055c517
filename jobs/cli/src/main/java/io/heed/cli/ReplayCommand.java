package io.heed.cli;

import io.heed.core.config.ConfigException;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.replay.Mapping;
import io.heed.replay.MappingReader;
import io.heed.replay.Replay;
import io.heed.replay.ReplayException;
import io.heed.replay.ReplayOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code heed replay}: a back-fill from an export. */
@Command(
    name = "replay",
    description = {
      "Turns a CSV or JSON-lines export, plain or gzipped, into event streams in order of event"
          + " time.",
      "The file is checked whole before anything is published. Fed again, or in another order, it"
          + " gives the same events, which count once. The language of mappings: docs/replay.md."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed replay hillstrom.csv.gz --mapping hillstrom --kafka localhost:9092 --complete",
      "  ./heed replay upworthy.csv.gz --mapping upworthy --limit-groups 20 --dry-run",
    })
final class ReplayCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = 2_000_000_000L;

  /** Longer than the horizon and the allowed lateness together. */
  static final Duration COMPLETE_AFTER = Duration.ofDays(36);

  @Parameters(paramLabel = "FILE", description = "The export.")
  private Path file;

  @Option(
      names = "--mapping",
      required = true,
      paramLabel = "M",
      description =
          "A mapping's file, or the name of one that comes with Heed: attentive, cookie_cats,"
              + " hillstrom, klaviyo, path_data, postscript, twilio, twilio_bulk, upworthy.")
  private String mapping;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Where to publish; needed but for --dry-run.")
  private String kafka;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = "Properties of Kafka clients, such as TLS and SASL.")
  private Path kafkaConfig;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Put before the name of every topic (default: none).")
  private String topicPrefix;

  @Option(
      names = "--complete",
      description =
          "End with a watermark record that moves event time past every window, so that the last units"
              + " mature. For a stack without live traffic.")
  private boolean complete;

  @Option(
      names = "--complete-after",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description =
          "How far behind the last event the watermark record lies; longer than the longest window and the"
              + " allowed lateness (default: 36d).")
  private Duration completeAfter = COMPLETE_AFTER;

  @Option(
      names = "--base",
      paramLabel = "INSTANT",
      description =
          "The instant that invented times count from, such as 2026-03-01T00:00:00Z (default: the"
              + " mapping's). Another base makes other events of the same ids.")
  private Instant base;

  @Option(
      names = "--where",
      paramLabel = "COLUMN=VALUE",
      description =
          "Only rows with this value; given again, the column may have any of its values, and all"
              + " columns must agree.")
  private List<String> where = List.of();

  @Option(
      names = "--limit-groups",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Only the first N groups by name, of the column that the mapping names (default: all).")
  private int groups;

  @Option(
      names = "--skip-broken",
      description = "Publish the other rows if some are broken (default: nothing is published).")
  private boolean skipBroken;

  @Option(names = "--dry-run", description = "Check the file and count its events; publish none.")
  private boolean dryRun;

  @Spec private CommandSpec spec;

  private final Map<Topic, Long> counts = new EnumMap<>(Topic.class);
  private long events;
  private long first;
  private long last;
  private long startedAt;
  private long reportedAt;

  @Override
  public Integer call() throws InterruptedException {
    checkOptions();
    Instant now = Instant.now();
    try (Replay replay = Replay.open(file, readMapping(), options(now))) {
      refuseBrokenRows(replay);
      if (complete && replay.latest() > now.minus(completeAfter).toEpochMilli()) {
        throw new UserError(
            "--complete would move event time into the future, %d days behind the last event; leave it"
                    .formatted(completeAfter.toDays())
                + " out or shorten --complete-after");
      }
      if (dryRun) {
        replay.forEach(this::count);
        summarise(replay);
        out().println("nothing was published (--dry-run)");
      } else {
        publish(replay);
      }
    } catch (ReplayException e) {
      throw new UserError(e.getMessage(), e);
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException();
    } catch (IOException e) {
      throw UserError.of(file.toString(), e);
    }
    return 0;
  }

  private void checkOptions() {
    if (!dryRun && kafka == null) {
      throw new UserError("--kafka HOST:PORT says where to publish; --dry-run needs none");
    }
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          file + (Files.exists(file) ? ": not a file" : ": no such file or directory"));
    }
    if (groups < 0) {
      throw new UserError("--limit-groups %d: a number from 1 is needed".formatted(groups));
    }
  }

  private Mapping readMapping() throws IOException {
    try {
      if (Mapping.BUNDLED.contains(mapping)) {
        return MappingReader.bundled(mapping);
      }
      Path path = Path.of(mapping);
      if (!Files.isRegularFile(path)) {
        throw new UserError(
            "--mapping %s is neither a file nor one of %s"
                .formatted(mapping, String.join(", ", Mapping.BUNDLED)));
      }
      return MappingReader.read(path);
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private ReplayOptions options(Instant now) {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    for (String condition : where) {
      int equals = condition.indexOf('=');
      if (equals < 1) {
        throw new UserError("--where %s: COLUMN=VALUE is needed".formatted(condition));
      }
      values
          .computeIfAbsent(condition.substring(0, equals), column -> new HashSet<>())
          .add(condition.substring(equals + 1));
    }
    return ReplayOptions.at(now).withWhere(values).withGroups(groups).withBase(base);
  }

  private void refuseBrokenRows(Replay replay) {
    if (replay.brokenRows() == 0) {
      return;
    }
    replay.errors().forEach(err()::println);
    String broken = "%,d of %,d rows are broken".formatted(replay.brokenRows(), replay.rows());
    if (!skipBroken) {
      throw new UserError(
          broken + ", so nothing was published (--skip-broken publishes the others)");
    }
    err().println(broken + " and left out");
    err().flush();
  }

  private void publish(Replay replay) throws IOException, InterruptedException {
    TopicNames names = new TopicNames(topicPrefix);
    try (EventPublisher publisher =
        new EventPublisher(new KafkaCluster(kafka, kafkaConfig), names)) {
      publisher.requireTopics();
      startedAt = reportedAt = System.nanoTime();
      replay.forEach(
          event -> {
            publisher.publish(event);
            count(event);
            reportProgress(event);
          });
      publisher.flush();
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      summarise(replay);
      out().printf(Locale.ROOT, "published in %.1f s, %,.0f/s%n", seconds, events / seconds);
      if (complete && events > 0) {
        long mark = last + completeAfter.toMillis();
        publisher.mark(mark);
        out().println("event time moves to " + Instant.ofEpochMilli(mark));
      }
    }
  }

  private void count(Event event) {
    first = events == 0 ? event.eventTime() : first;
    last = event.eventTime();
    events++;
    counts.merge(EventPublisher.topic(event), 1L, Long::sum);
  }

  private void reportProgress(Event event) {
    long now = System.nanoTime();
    if (now - reportedAt > PROGRESS_NANOS) {
      reportedAt = now;
      err()
          .printf(
              Locale.ROOT,
              "%,d events, %,.0f/s, at %s%n",
              events,
              events / ((now - startedAt) / 1e9),
              Instant.ofEpochMilli(event.eventTime()));
      err().flush();
    }
  }

  private void summarise(Replay replay) {
    out().printf(Locale.ROOT, "%,d rows, %,d events", replay.rows() - replay.brokenRows(), events);
    if (events > 0) {
      out().print(" from " + Instant.ofEpochMilli(first) + " to " + Instant.ofEpochMilli(last));
    }
    out().println();
    TopicNames names = new TopicNames(topicPrefix);
    counts.forEach(
        (topic, count) -> out().printf(Locale.ROOT, "  %-16s %,d%n", names.of(topic), count));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Durations as the jobs' options have them. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return TimeUtils.parseDuration(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'" + text + "' (allowed: a duration such as 36d or 50h)");
      }
    }
  }
}
