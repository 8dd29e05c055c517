package io.heed.core.model;

/** A row of a result table: upserted by its key, the highest {@code seq} holds. */
public sealed interface ResultRow
    permits ListHealthRow,
        SendCohortRow,
        DeliveryHealthRow,
        ResponseTimeRow,
        AttributionCreditRow,
        IncrementalLiftRow,
        ExperimentResultRow {

  /** Table of the row. */
  String table();

  long seq();

  /** The record's key on its topic: the table and the row's identity. */
  String key();
}
