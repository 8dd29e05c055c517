package io.heed.flink.warehouse;

import io.heed.flink.Jobs;

/** Main of the job {@code warehouse}. */
public final class WarehouseJob {
  private WarehouseJob() {}

  public static void main(String[] args) throws Exception {
    Jobs.main(WarehouseTopology.JOB, args);
  }
}
