/**
 * The simulator: a believable SMS programme whose hidden truth is known.
 *
 * <p>{@link io.heed.sim.Scenario} says what the programme is like, {@link io.heed.sim.Simulation}
 * plays it as a sequence of {@link io.heed.sim.Arrival}s, {@link io.heed.sim.Truth} counts what was
 * published, for results to be held against. All of it is a function of the scenario, the seed and
 * the instant of the start.
 */
package io.heed.sim;
