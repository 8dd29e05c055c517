package io.heed.core.signals;

/**
 * A signal that holds.
 *
 * @param validUntil until when, if nothing else happens; epoch milliseconds
 * @param score of HOT; else null
 * @param evidence one sentence
 */
record HeldSignal(long validUntil, Double score, String evidence) {}
