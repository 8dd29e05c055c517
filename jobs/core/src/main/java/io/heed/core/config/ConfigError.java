package io.heed.core.config;

/**
 * One mistake in a configuration file.
 *
 * @param file the file as the user named it
 * @param line line of the mistake, from 1
 * @param field path of the field such as {@code variants[1].share}; empty for the whole file
 * @param problem what is wrong
 * @param allowed what is allowed instead; empty if the problem says it
 */
public record ConfigError(String file, int line, String field, String problem, String allowed) {

  @Override
  public String toString() {
    return file
        + ":"
        + line
        + ": "
        + (field.isEmpty() ? "" : field + ": ")
        + problem
        + (allowed.isEmpty() ? "" : " (allowed: " + allowed + ")");
  }
}
