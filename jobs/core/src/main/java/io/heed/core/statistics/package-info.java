/**
 * The statistics that experiments are decided with: sequential tests whose error guarantees hold at
 * every look, as immutable values over exact integer counts that merge in any order to the same
 * bits.
 *
 * <p>Evidence is kept as the natural logarithm of an e-value; decision, p-value and interval of one
 * comparison always come from the same process, so that they cannot contradict each other. {@link
 * io.heed.core.experiments.ExperimentEvaluator} composes them into the state of an experiment.
 *
 * <p>Solvers come from Commons Math, distributions from Commons Statistics, special functions from
 * Commons Numbers.
 */
package io.heed.core.statistics;
