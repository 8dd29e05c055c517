package io.heed.core;

import io.heed.core.attribution.AttributionPolicy;
import io.heed.core.config.DocumentKind;
import java.util.List;

/** The kinds of configuration documents that Heed knows. */
public final class Documents {
  /** All kinds; a file belongs to the first whose glob matches. */
  public static final List<DocumentKind<?>> KINDS = List.of(AttributionPolicy.KIND);

  private Documents() {}
}
