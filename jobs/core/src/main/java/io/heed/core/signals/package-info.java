/**
 * Signals about one recipient: HOT, DORMANT, SUNSET, INVALID_NUMBER. {@link
 * io.heed.core.signals.Engagement} keeps what a recipient got and did, a function of the set of
 * events whatever their order; {@link io.heed.core.signals.SignalRules} says which signals hold at
 * an instant; {@link io.heed.core.signals.SignalPublisher} publishes what has changed.
 */
package io.heed.core.signals;
