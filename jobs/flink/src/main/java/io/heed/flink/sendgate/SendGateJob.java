package io.heed.flink.sendgate;

import io.heed.flink.Jobs;

/** The send gate as a program of its own. */
public final class SendGateJob {
  private SendGateJob() {}

  public static void main(String[] args) throws Exception {
    Jobs.main(SendGateTopology.JOB, args);
  }
}
