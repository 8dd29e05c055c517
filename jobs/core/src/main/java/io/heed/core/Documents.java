package io.heed.core;

import io.heed.core.attribution.AttributionPolicy;
import io.heed.core.config.DocumentKind;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.gate.Policy;
import io.heed.core.listhealth.ListHealthPolicy;
import java.util.List;

/** The kinds of configuration documents that Heed knows. */
public final class Documents {
  /** All kinds; a file belongs to the first whose glob matches. */
  public static final List<DocumentKind<?>> KINDS =
      List.of(ExperimentReader.KIND, AttributionPolicy.KIND, ListHealthPolicy.KIND, Policy.KIND);

  private Documents() {}
}
