package io.heed.flink.experiments;

import io.heed.flink.Jobs;

/** Main of the job. */
public final class ExperimentsJob {
  private ExperimentsJob() {}

  /** Arguments are job options, see {@link io.heed.flink.streaming.JobOptions}. */
  public static void main(String[] args) throws Exception {
    Jobs.main(ExperimentsTopology.JOB, args);
  }
}
