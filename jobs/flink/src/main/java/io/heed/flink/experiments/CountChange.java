package io.heed.flink.experiments;

import io.heed.core.experiments.Totals;
import java.util.SortedMap;

/**
 * How the counts of an experiment change.
 *
 * @param experimentId the experiment
 * @param changes what is to be added, by the first evaluation that it counts for, epoch
 *     milliseconds
 */
record CountChange(String experimentId, SortedMap<Long, Totals> changes) {}
