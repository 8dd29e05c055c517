package io.heed.core.attribution;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.model.ConfigVersion;

/** The policy that held at an instant, and the defaults where there was none. */
public final class AttributionPolicies {
  private final EffectiveVersions<AttributionPolicy> versions =
      new EffectiveVersions<>(AttributionPolicy.KIND.name(), AttributionPolicy.KIND.parser());
  private long longestWindowMillis = AttributionPolicy.DEFAULTS.longestWindowMillis();
  private boolean onlyDefaults = true;

  /**
   * Takes a version; one of another kind changes nothing.
   *
   * @throws ConfigException if the document is wrong; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    if (version.kind().equals(AttributionPolicy.KIND.name())) {
      versions.add(version);
      onlyDefaults = false;
      longestWindowMillis =
          Math.max(
              longestWindowMillis,
              AttributionPolicy.parse(version.key(), version.document()).longestWindowMillis());
    }
  }

  AttributionPolicy at(long instant) {
    return onlyDefaults
        ? AttributionPolicy.DEFAULTS
        : versions.at(AttributionPolicy.KIND.name(), instant).orElse(AttributionPolicy.DEFAULTS);
  }

  /** The longest look-back window of any version. */
  long longestWindowMillis() {
    return longestWindowMillis;
  }
}
