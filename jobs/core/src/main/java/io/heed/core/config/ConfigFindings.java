package io.heed.core.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What is found while a document is read, for its nodes to add to.
 *
 * @param errors what makes it invalid
 * @param warnings what is valid, and most likely not meant
 */
record ConfigFindings(List<ConfigError> errors, List<ConfigError> warnings) {
  ConfigFindings() {
    this(new ArrayList<>(), new ArrayList<>());
  }
}
