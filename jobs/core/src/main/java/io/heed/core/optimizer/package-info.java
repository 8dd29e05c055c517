/**
 * What a promotional message is worth to a person now, what it risks, and whether it gets a place.
 * Plain Java: {@link io.heed.core.optimizer.PersonState} is kept per person, {@link
 * io.heed.core.optimizer.ListOutcomes} per list, {@link io.heed.core.optimizer.ModelBuilder} turns
 * the latter into a {@link io.heed.core.optimizer.ValueModel} when a day of event time closes, and
 * {@link io.heed.core.optimizer.Optimizer} decides by it.
 *
 * <p>Whatever is summed is an integer, so that neither order nor parallelism changes a bit.
 */
package io.heed.core.optimizer;
