package io.heed.flink.listhealth;

import io.heed.flink.Jobs;

/** Counts what became of messages, and raises alerts. */
public final class ListHealthJob {
  private ListHealthJob() {}

  public static void main(String[] args) throws Exception {
    Jobs.main(ListHealthTopology.JOB, args);
  }
}
