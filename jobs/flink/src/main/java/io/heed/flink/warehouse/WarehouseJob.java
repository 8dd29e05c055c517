package io.heed.flink.warehouse;

import io.heed.flink.Jobs;

/** Main of the job {@code warehouse}. */
public final class WarehouseJob {
  /** The job's name. */
  public static final String NAME = "warehouse";

  private WarehouseJob() {}

  public static void main(String[] args) throws Exception {
    Jobs.main(NAME, args);
  }
}
