package io.heed.cli;

import java.util.concurrent.Callable;

/**
 * A subcommand of {@code heed} that another module brings: found as a service on the class path, so
 * that what is never shipped (benchmarks) can be called like every other command.
 */
public interface Subcommand extends Callable<Integer> {}
