package io.heed.core.attribution;

import java.util.List;

/**
 * A path that has ended, for the Markov model.
 *
 * @param day the UTC day of its end: of the conversion, or of the end of its look-back
 * @param channels of its touches, in order
 * @param converted whether it ended in a conversion
 * @param sign 1, or −1 where an earlier fact is taken back
 */
public record PathFact(int day, List<String> channels, boolean converted, int sign) {
  PathFact withSign(int other) {
    return new PathFact(day, channels, converted, other);
  }
}
