package io.heed.core.experiments;

/**
 * One of the things that are compared.
 *
 * @param id its name on events
 * @param weight its part of the recipients, relative to the other variants
 * @param description for people
 * @param sendAt local time of day at which the sending system sends it, for tests of send times;
 *     null for any
 */
public record Variant(String id, double weight, String description, java.time.LocalTime sendAt) {}
