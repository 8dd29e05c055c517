package io.heed.flink.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobEnvironmentTest {
  @ParameterizedTest(name = "--parallelism {0}, flink run -p {1}")
  @CsvSource({",, 1", "3,, 3", ", 2, 2", "3, 2, 3"})
  void theJobsOwnOptionWinsThenFlinkRuns(String option, Integer flinkRun, int parallelism) {
    JobOptions options =
        option == null ? JobOptions.DEFAULTS : JobOptions.fromArgs("--parallelism", option);
    Configuration settings = new Configuration();
    if (flinkRun != null) {
      settings.set(CoreOptions.DEFAULT_PARALLELISM, flinkRun);
    }
    assertThat(JobEnvironment.create("test", options, settings).getParallelism())
        .isEqualTo(parallelism);
  }
}
