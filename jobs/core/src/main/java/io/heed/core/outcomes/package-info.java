/**
 * What becomes of promotional messages, for the optimizer: {@link
 * io.heed.core.outcomes.FollowedPerson} follows one recipient in the order of event time, {@link
 * io.heed.core.outcomes.DayCounts} adds up what all recipients of a list contribute to a day, and
 * {@link io.heed.core.outcomes.ListLedger} makes the value model of a list when a day closes.
 */
package io.heed.core.outcomes;
