package io.heed.cli;

/** What commands about configuration have in common. */
final class ConfigOptions {
  /** Beside the command, wherever it is called from. */
  static final String DEFAULT_DIRECTORY = "${sys:heed.home:-.}/experiment-config";

  private ConfigOptions() {}
}
