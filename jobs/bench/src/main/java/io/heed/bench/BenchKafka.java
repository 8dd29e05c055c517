package io.heed.bench;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A broker for one measurement, and what measured jobs are started with. */
final class BenchKafka {
  private BenchKafka() {}

  /** A broker alone, on a free port. */
  static LocalStack start(Path directory) throws InterruptedException {
    return LocalStack.start(
        LocalStackOptions.builder(directory).parts(Part.KAFKA).kafkaPort(0).build());
  }

  /**
   * Options of a measured job.
   *
   * @param prefix of the topics
   * @param bounded whether it ends once it has read what the topics hold
   * @param more options beside
   */
  static JobOptions options(
      LocalStack stack, String prefix, int parallelism, boolean bounded, String... more) {
    List<String> arguments =
        List.of(
            "--kafka",
            stack.endpoints().kafka(),
            "--topic-prefix",
            prefix,
            "--idle-after",
            "1s",
            // What is measured was written before: the gate would only defer it.
            "--stale-after",
            "1000d",
            "--parallelism",
            Integer.toString(parallelism),
            "--bounded",
            Boolean.toString(bounded));
    return JobOptions.fromArgs(
        Stream.concat(arguments.stream(), Arrays.stream(more)).toArray(String[]::new));
  }
}
