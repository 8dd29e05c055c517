package io.heed.core.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file with mistakes: all of them, in the order of their lines. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigError> errors;

  public ConfigException(List<ConfigError> errors) {
    super(errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
    this.errors = List.copyOf(errors);
  }

  /** The mistakes, at least one. */
  public List<ConfigError> errors() {
    return errors;
  }
}
