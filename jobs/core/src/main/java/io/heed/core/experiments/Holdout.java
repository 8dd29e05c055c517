package io.heed.core.experiments;

/**
 * Recipients who get no message, to measure what messages do at all.
 *
 * @param id name of the arm on assignments
 * @param share of all recipients
 */
public record Holdout(String id, double share) {}
