package io.heed.flink.experiments;

import io.heed.core.experiments.ExperimentProgress;
import io.heed.core.experiments.Recipient;
import org.apache.flink.api.common.state.ValueStateDescriptor;

/** State of the job, by name. */
final class ExperimentsState {
  static final ValueStateDescriptor<Recipient> RECIPIENT =
      new ValueStateDescriptor<>("recipient", ExperimentSerializers.RECIPIENT);
  static final ValueStateDescriptor<ExperimentProgress> PROGRESS =
      new ValueStateDescriptor<>("progress", ExperimentSerializers.PROGRESS);

  private ExperimentsState() {}
}
