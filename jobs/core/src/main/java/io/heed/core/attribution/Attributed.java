package io.heed.core.attribution;

import java.util.List;

/**
 * A conversion with the touches that led to it.
 *
 * @param conversion the conversion
 * @param modelTime the instant whose rules hold: of a refund, that of its original
 * @param path the touches in order of time, of a refund those of its original; may be empty
 */
public record Attributed(Converted conversion, long modelTime, List<PathTouch> path) {
  /** The day whose Markov model shares the credit. */
  public int modelDay() {
    return Days.of(modelTime);
  }

  /** The day at whose close its Markov rows appear. */
  int dueDay() {
    return Days.of(Math.max(modelTime, conversion.time()));
  }

  /** Whether it is another path that converted. */
  boolean countsAsPath() {
    return !conversion.isRefund() && !path.isEmpty();
  }

  PathFact pathFact(int sign) {
    List<String> channels = path.stream().map(PathTouch::channel).toList();
    return new PathFact(modelDay(), channels, true, sign);
  }
}
