package io.heed.core.experiments;

import io.heed.core.rules.Cap;
import java.time.LocalTime;
import java.util.List;

/**
 * One of the things that are compared.
 *
 * @param id its name on events
 * @param weight its part of the recipients, relative to the other variants
 * @param description for people
 * @param sendAt local time of day at which the sending system sends it, for tests of send times;
 *     null for any
 * @param caps limits of its recipients besides the policies', for tests of frequency
 */
public record Variant(
    String id, double weight, String description, LocalTime sendAt, List<Cap> caps) {
  /** Copies the caps. */
  public Variant {
    caps = List.copyOf(caps);
  }
}
