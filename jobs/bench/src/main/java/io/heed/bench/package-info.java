/**
 * Benchmarks: what the jobs cost, as ratios to baselines of the same run. Called by {@code heed
 * bench}, never shipped.
 */
package io.heed.bench;
