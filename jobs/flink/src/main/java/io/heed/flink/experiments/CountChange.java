package io.heed.flink.experiments;

import io.heed.core.experiments.Totals;

/**
 * How the counts of an experiment change.
 *
 * @param experimentId the experiment
 * @param step the first evaluation that it counts for, epoch milliseconds
 * @param change what is to be added
 */
record CountChange(String experimentId, long step, Totals change) {}
