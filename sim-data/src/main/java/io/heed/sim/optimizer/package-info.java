/**
 * Worlds with known truth for the optimizer: people who differ, campaigns that differ or not,
 * policies that send to them, and an oracle that knows it all. {@link
 * io.heed.sim.optimizer.OptimizedRun} drives the same classes of {@code io.heed.core.optimizer} as
 * the jobs.
 */
package io.heed.sim.optimizer;
