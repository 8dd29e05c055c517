package io.heed.flink.attribution;

import io.heed.flink.Jobs;

/** Main of the job. */
public final class AttributionJob {
  private AttributionJob() {}

  /** Arguments are job options, see {@link io.heed.flink.streaming.JobOptions}. */
  public static void main(String[] args) throws Exception {
    Jobs.main(AttributionTopology.JOB, args);
  }
}
