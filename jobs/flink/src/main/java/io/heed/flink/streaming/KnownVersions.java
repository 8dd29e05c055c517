package io.heed.flink.streaming;

import io.heed.core.model.ConfigVersion;
import java.io.Serializable;
import java.util.List;

/** Gives the versions of configuration that are known when an operator opens. */
@FunctionalInterface
public interface KnownVersions extends Serializable {
  /** Every version that was ever published. */
  List<ConfigVersion> get();
}
