package io.heed.core.attribution;

import java.util.List;

/** All that follows from a history and belongs to a day. */
record DerivedFacts(List<Attributed> conversions, List<PathFact> paths, List<LiftFact> units) {
  static DerivedFacts of(PathBuilder builder) {
    List<Attributed> conversions = builder.conversions();
    return new DerivedFacts(conversions, builder.unconverted(), builder.units(conversions));
  }
}
