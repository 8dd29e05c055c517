/**
 * Figures of the running jobs in the data flow of all results, so that dashboards need no other
 * source.
 */
package io.heed.flink.pipeline;
