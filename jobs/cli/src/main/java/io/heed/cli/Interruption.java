package io.heed.cli;

import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InterruptException;

/** Libraries report the interruption of a thread by exceptions of their own. */
public final class Interruption {
  private static final List<Class<? extends Exception>> KINDS =
      List.of(
          InterruptedException.class,
          ClosedByInterruptException.class,
          FileLockInterruptionException.class,
          InterruptException.class);

  private Interruption() {}

  /** Whether the exception, or what caused it, is an interruption. */
  public static boolean caused(Throwable e) {
    return Stream.iterate(e, Objects::nonNull, Throwable::getCause)
        .anyMatch(each -> KINDS.stream().anyMatch(kind -> kind.isInstance(each)));
  }
}
