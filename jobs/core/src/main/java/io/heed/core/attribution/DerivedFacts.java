package io.heed.core.attribution;

import java.util.List;

/** All that follows from a history and belongs to a day. */
record DerivedFacts(List<Attributed> conversions, List<PathFact> paths, List<LiftFact> units) {
  static DerivedFacts of(Derivation derivation) {
    List<Attributed> conversions = derivation.conversions();
    return new DerivedFacts(conversions, derivation.unconverted(), derivation.units(conversions));
  }
}
