/**
 * Figures of the running jobs on the way of all results, so that dashboards need no other source.
 */
package io.heed.flink.pipeline;
