/**
 * List health: what became of messages, as counts by window, cohort, carrier and delay.
 *
 * <p>An event becomes a {@link io.heed.core.listhealth.Fact}. The {@link
 * io.heed.core.listhealth.RecipientFacts} of one recipient say what they contribute to each row: a
 * function of the set of facts, whatever their order. A new fact changes some contributions; the
 * differences go into {@link io.heed.core.listhealth.RowDeltas}, are summed by row, and become
 * {@link io.heed.core.model.ResultRow}s. Distinct people are counted because a recipient knows
 * whether the count included them before; no row holds a set.
 */
package io.heed.core.listhealth;
