package io.heed.flink.optimizer;

import io.heed.flink.Jobs;

/** Learns from the streams what is worth knowing of a recipient, and publishes it. */
public final class OptimizerJob {
  private OptimizerJob() {}

  public static void main(String[] args) throws Exception {
    Jobs.main(OptimizerTopology.JOB, args);
  }
}
