package io.heed.bench;

import io.heed.cli.Subcommand;
import io.heed.cli.UserError;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.experiments.DecisionsBench;
import io.heed.core.experiments.StatisticsBench;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed bench}: what the jobs cost, as ratios to baselines of the same run. */
@Command(
    name = "bench",
    description = {
      "Measures on this machine what the jobs cost, as ratios to baselines of the same run.",
      "Parts: throughput, latency, warehouse; these if none is named. Apart from them, populations:",
      "what the number of recipients changes, each of them in the state beforehand; recovery: how",
      "long nobody gets a verdict when the process of the jobs is killed; statistics: whether",
      "experiments keep their promises, by simulation; decisions: the same of whole tests through",
      "the evaluator; growth: what the warehouse costs as its history grows (a hundred million",
      "events take a quarter of an hour and 4 GB); peers: sends alone, beside a plain topology of",
      "Kafka Streams with the same cap; model: the gate with value models, beside itself without, over",
      "eight days of requests; webhooks: how long vendors wait, at 500 callbacks a second",
      "unless --rate is given, and what is lost when service and broker are killed meanwhile.",
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed bench",
      "  ./heed bench throughput --job list-health --events 500000",
      "  ./heed bench populations --job attribution --recipients 100000,1000000 --backend heap",
      "  ./heed bench recovery --events 200000 --repeat 5",
      "  ./heed bench growth --sizes 1000000,5000000",
      "  ./heed bench peers --events 900000 --repeat 3",
      "  ./heed bench throughput --job experiments --backend heap --campaigns 100 --pace 5000",
      "  ./heed bench statistics",
      "  ./heed bench decisions --replications 4000",
      "  ./heed bench webhooks --rate 500 --seconds 300",
    })
public final class BenchCommand implements Subcommand {
  /** A gate keeps the value models of ten days. */
  private static final double MODEL_DAYS = 8;

  private enum Kind {
    THROUGHPUT,
    LATENCY,
    WAREHOUSE,
    POPULATIONS,
    RECOVERY,
    STATISTICS,
    DECISIONS,
    GROWTH,
    PEERS,
    MODEL,
    WEBHOOKS
  }

  @Parameters(paramLabel = "PART", description = "What to measure: ${COMPLETION-CANDIDATES}.")
  private List<Kind> kinds = List.of();

  @Option(
      names = "--job",
      paramLabel = "JOB",
      description = "Only these jobs in the parts throughput and populations.")
  private List<String> jobs = List.of();

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "Events to measure over (default: ${DEFAULT-VALUE}).")
  private long events;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      split = ",",
      defaultValue = "200000",
      description = "Populations, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<Integer> recipients;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "heap,rocksdb",
      description = "Where state lies: heap, rocksdb (default: ${DEFAULT-VALUE}).")
  private List<String> backends;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "1",
      description = "Parallelism of the measured jobs (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "--campaigns",
      paramLabel = "N",
      defaultValue = "20",
      description = {
        "Campaigns of the traffic; 1 makes one hot (default: ${DEFAULT-VALUE}).",
        "For the job experiments each is an experiment of four variants and six metrics."
      })
  private int campaigns;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "Event time that the throughput part's events span (default: ${DEFAULT-VALUE}).")
  private double days;

  @Option(
      names = "--pace",
      paramLabel = "N",
      description = "Events per second of event time in the throughput part, in place of --days.")
  private double pace;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Events per second in the latency part (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "How long each half of the webhooks part plays (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--hot",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "In the latency part, measure the gate once more beside one recipient with so many",
        "messages (default: ${DEFAULT-VALUE})."
      })
  private int hotMessages;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "How often to measure each job in the throughput and warehouse parts, each time beside",
        "its baseline; the median counts; how often recovery kills (default: ${DEFAULT-VALUE})."
      })
  private int repeat;

  @Option(
      names = "--replications",
      paramLabel = "N",
      defaultValue = "4000",
      description = {
        "Replications of the statistics part; the decisions part takes a quarter of them",
        "(default: ${DEFAULT-VALUE})."
      })
  private int replications;

  @Option(
      names = "--sizes",
      paramLabel = "N",
      split = ",",
      defaultValue = "5000000,20000000,100000000",
      description =
          "Events in the growth part, ascending, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<Long> sizes;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    List<Kind> chosen =
        kinds.isEmpty() ? List.of(Kind.THROUGHPUT, Kind.LATENCY, Kind.WAREHOUSE) : kinds;
    refuseUnknown(backends, List.of("heap", "rocksdb"), "--backend");
    requireAtLeast(1, repeat, "--repeat");
    requireAtLeast(1, rate, "--rate");
    requireAtLeast(3, seconds, "--seconds");
    refuseUnknown(jobs, ThroughputBench.GOALS.keySet(), "--job");
    if (pace > 0) {
      days = events / pace / Duration.ofDays(1).toSeconds();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s, %d processors, Java %s%n",
        System.getProperty("os.name"),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version());
    Path directory = Files.createTempDirectory("heed-bench");
    try {
      for (Kind kind : Kind.values()) {
        if (chosen.contains(kind)) {
          measure(kind, directory, out);
        }
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    boolean met = !chosen.contains(Kind.STATISTICS) || statistics(out);
    return (!chosen.contains(Kind.DECISIONS) || decisions(out)) && met ? 0 : 1;
  }

  private void measure(Kind kind, Path directory, PrintWriter out) throws Exception {
    switch (kind) {
      case THROUGHPUT -> throughput(directory, out);
      case LATENCY -> {
        int stateBytes = ThroughputBench.GOALS.get("send-gate").stateBytes();
        for (String backend : backends) {
          latency(
              directory,
              out,
              BenchTraffic.Kind.REQUESTED,
              latency -> latency.run(backend, stateBytes));
        }
      }
      case WAREHOUSE -> warehouse(directory, out);
      case POPULATIONS -> populations(directory, out);
      case RECOVERY -> recovery(directory, out);
      case GROWTH -> growth(directory, out);
      case PEERS -> peers(directory, out);
      case MODEL -> model(directory, out);
      case WEBHOOKS -> webhooks(directory, out);
      case STATISTICS, DECISIONS -> {
        // Simulations, which need no directory; they decide about the exit code.
      }
    }
  }

  private static void requireAtLeast(int least, int given, String option) {
    if (given < least) {
      throw new UserError("%s %d: %d or more is needed".formatted(option, given, least));
    }
  }

  private static void refuseUnknown(List<String> given, Collection<String> allowed, String option) {
    for (String name : given) {
      if (!allowed.contains(name)) {
        throw new UserError(
            "%s %s: allowed are %s"
                .formatted(option, name, String.join(", ", new TreeSet<>(allowed))));
      }
    }
  }

  private void throughput(Path directory, PrintWriter out) throws Exception {
    List<String> measured =
        ThroughputBench.GOALS.keySet().stream()
            .filter(Jobs.all()::containsKey)
            .filter(job -> jobs.isEmpty() || jobs.contains(job))
            .sorted()
            .toList();
    ThroughputBench bench = new ThroughputBench(directory, repeat, line -> print(out, line));
    for (int population : recipients) {
      print(out, "%n%,d events of %,d recipients".formatted(events, population));
      bench.header();
      fresh(directory, BenchTraffic.Kind.PLAIN, population)
          .measure(options -> bench.measure("decode", "heap", 1, options, events, 0, 0));
      for (String backend : backends) {
        for (String job : measured) {
          bench.against(job, backend, fresh(directory, kind(job), population), events);
        }
      }
    }
  }

  private ThroughputBench.Fresh fresh(Path directory, BenchTraffic.Kind kind, int population) {
    return measured -> {
      Path home = directory.resolve("kafka");
      try (LocalStack kafka = BenchKafka.start(home)) {
        return measured.applyAsDouble(publish(kafka, "", kind, population));
      } finally {
        FileUtils.deleteDirectory(home.toFile());
      }
    };
  }

  private boolean statistics(PrintWriter out) {
    print(out, "%n%,d replications; the expensive cells fewer".formatted(replications));
    return StatisticsBench.run(replications, 1, finding -> print(out, finding.toString()));
  }

  private boolean decisions(PrintWriter out) throws IOException {
    int runs = Math.max(1, replications / 4);
    print(out, "%n%,d whole tests a cell".formatted(runs));
    Path shipped =
        Path.of(System.getProperty("heed.home", "."))
            .resolve("experiment-config/experiments/deals-emoji.yaml");
    return DecisionsBench.run(runs, shipped, finding -> print(out, finding.toString()));
  }

  private static BenchTraffic.Kind kind(String job) {
    return switch (job) {
      case "send-gate" -> BenchTraffic.Kind.REQUESTED;
      case "experiments" -> BenchTraffic.Kind.TESTED;
      default -> BenchTraffic.Kind.PLAIN;
    };
  }

  private interface Measured {
    void of(LatencyBench bench) throws Exception;
  }

  private void latency(Path directory, PrintWriter out, BenchTraffic.Kind kind, Measured measured)
      throws Exception {
    Path home = directory.resolve("kafka");
    try (LocalStack kafka = BenchKafka.start(home)) {
      JobOptions options = options(kafka, "", false);
      Jobs.ensureTopics(options);
      measured.of(
          new LatencyBench(
              options,
              directory,
              kind,
              rate,
              Duration.ofSeconds(20),
              Duration.ofSeconds(40),
              hotMessages,
              line -> print(out, line)));
    } finally {
      FileUtils.deleteDirectory(home.toFile());
    }
  }

  private void peers(Path directory, PrintWriter out) throws Exception {
    int population = recipients.get(0);
    ThroughputBench bench = new ThroughputBench(directory, repeat, line -> print(out, line));
    print(out, "%n%,d sends to %,d recipients".formatted(events, population));
    bench.header();
    for (String backend : backends) {
      bench.besidePeer(backend, fresh(directory, BenchTraffic.Kind.SENT, population), events);
    }
    for (String backend : backends) {
      latency(directory, out, BenchTraffic.Kind.SENT, latency -> latency.besidePeer(backend));
    }
  }

  private void model(Path directory, PrintWriter out) throws Exception {
    int population = recipients.get(0);
    days = Math.min(days, MODEL_DAYS);
    ThroughputBench bench = new ThroughputBench(directory, repeat, line -> print(out, line));
    print(out, "%n%,d events of %,d recipients".formatted(events, population));
    bench.header();
    for (String backend : backends) {
      bench.withModel(
          backend,
          fresh(directory, BenchTraffic.Kind.CAPPED, population),
          fresh(directory, BenchTraffic.Kind.OPTIMISED, population),
          events);
    }
    for (String backend : backends) {
      latency(directory, out, BenchTraffic.Kind.OPTIMISED, latency -> latency.withModel(backend));
    }
  }

  private void warehouse(Path directory, PrintWriter out) throws Exception {
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("warehouse"))
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .build())) {
      publish(stack, "", BenchTraffic.Kind.PLAIN, recipients.get(0));
      String url = stack.endpoints().clickHouseUrl();
      new WarehouseBench(
              directory,
              url,
              database -> options(stack, "", true, "--clickhouse-url", url, "--database", database),
              repeat,
              line -> print(out, line))
          .run(events);
    }
  }

  private void growth(Path directory, PrintWriter out) throws Exception {
    if (sizes.stream().anyMatch(size -> size < 10_000)
        || !sizes.equals(List.copyOf(new TreeSet<>(sizes)))) {
      throw new UserError("--sizes " + sizes + ": ascending numbers from 10000 are needed");
    }
    Path dashboards =
        Path.of(System.getProperty("heed.home", ".")).resolve("dashboards/grafana/dashboards");
    GrowthBench.run(directory.resolve("growth"), dashboards, sizes, line -> print(out, line));
  }

  private void webhooks(Path directory, PrintWriter out) throws Exception {
    boolean given = spec.commandLine().getParseResult().hasMatchedOption("--rate");
    int callbacks = given ? rate : 500;
    Duration each = Duration.ofSeconds(seconds);
    try (LocalStack kafka = BenchKafka.start(directory.resolve("kafka-webhooks"))) {
      new WebhooksBench(options(kafka, "", false), callbacks, each, line -> print(out, line)).run();
    }
    KilledWebhooksBench.run(directory, callbacks, each, line -> print(out, line));
  }

  private void recovery(Path directory, PrintWriter out) throws Exception {
    print(
        out,
        "%nrecovery of all jobs, killed, from a checkpoint after %,d events of %,d recipients"
            .formatted(events, recipients.get(0)));
    BenchTraffic traffic =
        new BenchTraffic(1, recipients.get(0), campaigns, BenchTraffic.Kind.REQUESTED);
    RecoveryBench.run(
        directory.resolve("recovery"), traffic, events, repeat, line -> print(out, line));
  }

  private void populations(Path directory, PrintWriter out) throws Exception {
    PopulationBench bench = new PopulationBench(directory, campaigns, line -> print(out, line));
    for (String job : jobs.isEmpty() ? List.of("send-gate", "attribution") : jobs) {
      for (String backend : backends) {
        double first = 0;
        for (int population : recipients) {
          double ratio =
              population(bench, directory, job, job, backend, population)
                  / population(bench, directory, "state", job, backend, population);
          first = first == 0 ? ratio : first;
          print(
              out,
              String.format("  ratio %.2f, against the first one's %.2f", ratio, ratio / first));
        }
      }
    }
  }

  /**
   * Measures {@code job}, which may be the baseline, with the traffic and value of {@code like}.
   */
  private double population(
      PopulationBench bench,
      Path directory,
      String job,
      String like,
      String backend,
      int recipients)
      throws Exception {
    Path home = directory.resolve(String.join("-", "kafka", job, like, backend, "" + recipients));
    try (LocalStack kafka = BenchKafka.start(home)) {
      JobOptions options = options(kafka, "", false);
      Jobs.ensureTopics(options);
      int stateBytes = ThroughputBench.GOALS.get(like).stateBytes();
      return bench.measure(job, backend, stateBytes, options, kind(like), recipients, events);
    } finally {
      FileUtils.deleteDirectory(home.toFile());
    }
  }

  private JobOptions publish(
      LocalStack kafka, String prefix, BenchTraffic.Kind kind, int population) throws Exception {
    JobOptions options = options(kafka, prefix, true);
    Jobs.ensureTopics(options);
    long to = System.currentTimeMillis() - Duration.ofMinutes(10).toMillis();
    long from = to - Math.round(Duration.ofDays(1).toMillis() * days);
    JobOptions warmUp = options(kafka, BenchWorker.WARM_UP + prefix, true);
    Jobs.ensureTopics(warmUp);
    for (JobOptions each : List.of(warmUp, options)) {
      switch (kind) {
        case TESTED -> BenchExperiments.publish(each.kafka(), each.topicNames(), campaigns, from);
        case CAPPED -> BenchModel.without(each.kafka(), each.topicNames());
        case OPTIMISED -> BenchModel.with(each.kafka(), each.topicNames(), campaigns, from, to);
        default -> {}
      }
      BenchTraffic traffic = new BenchTraffic(1, population, campaigns, kind);
      BenchPublisher.publish(
          each.kafka(), each.topicNames(), sink -> traffic.generate(events, from, to, sink));
    }
    return options;
  }

  private JobOptions options(LocalStack stack, String prefix, boolean bounded, String... more) {
    return BenchKafka.options(stack, prefix, parallelism, bounded, more);
  }

  private static void print(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
