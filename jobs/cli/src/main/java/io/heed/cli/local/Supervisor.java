package io.heed.cli.local;

import io.heed.cli.UserError;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps one server up: starts it, waits until it responds, and starts it again whenever it dies,
 * until it is stopped.
 */
final class Supervisor {
  /** Long, for a machine may be busy with other things; a server that ends is noticed at once. */
  private static final Duration START_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration NOTICE_INTERVAL = Duration.ofMinutes(1);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 100;

  /** A shell adds the signal's number; a killed process cannot choose another. */
  private static final int KILLED = 128;

  private static final long MAX_BACK_OFF_MILLIS = 30_000;

  private final String name;
  private final Supplier<ServerProcess.Spec> spec;
  private final BooleanSupplier healthy;
  private final Duration restartDelay;
  private final Consumer<String> notices;
  private final Thread watch;

  private volatile ServerProcess server;
  private volatile boolean stopping;

  /**
   * @param name for people, such as {@code Kafka}
   * @param spec called before every start
   * @param healthy whether the server responds; called often, must not block for long
   * @param restartDelay before a server that died is started again; doubles while it keeps dying
   * @param notices takes lines for the user
   */
  Supervisor(
      String name,
      Supplier<ServerProcess.Spec> spec,
      BooleanSupplier healthy,
      Duration restartDelay,
      Consumer<String> notices) {
    this.name = name;
    this.spec = spec;
    this.healthy = healthy;
    this.restartDelay = restartDelay;
    this.notices = notices;
    this.watch = new Thread(this::keepUp, name + "-supervisor");
    this.watch.setDaemon(true);
  }

  /** Starts the process; it takes requests once {@link #awaitHealthy} returns. */
  void start() {
    server = ServerProcess.start(spec.get());
  }

  /**
   * Waits for the first response; from then on the server is kept up.
   *
   * @throws UserError with the server's last output if it dies or does not respond in time
   */
  void awaitHealthy() throws InterruptedException {
    awaitReady(healthy);
  }

  /**
   * Waits until the server has done what it has to do before a first use, which may be more than to
   * respond; from then on it is kept up.
   *
   * @throws UserError with the server's last output if it dies or is not ready in time
   */
  void awaitReady(BooleanSupplier ready) throws InterruptedException {
    String failure = failureToBe(ready);
    if (failure != null) {
      throw new UserError(name + " " + failure + ", " + server.lastWords());
    }
    watch.start();
  }

  private String failureToBe(BooleanSupplier up) throws InterruptedException {
    long begun = System.nanoTime();
    long noticed = begun;
    while (!up.getAsBoolean()) {
      if (!server.isAlive()) {
        return "did not start (exit code %d)".formatted(server.await());
      }
      long now = System.nanoTime();
      if (now - begun > START_TIMEOUT.toNanos()) {
        return "was not ready within %d s".formatted(START_TIMEOUT.toSeconds());
      }
      if (now - noticed > NOTICE_INTERVAL.toNanos()) {
        noticed = now;
        notices.accept("Still waiting for " + name + ", " + server.whereLogged());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return null;
  }

  private void keepUp() {
    try {
      while (true) {
        int exitCode = server.await();
        if (stopping) {
          return;
        }
        notices.accept(
            "%s ended unexpectedly (exit code %d), starting it again in %.0f s; %s"
                .formatted(
                    name,
                    exitCode,
                    restartDelay.toMillis() / 1000.0,
                    exitCode > KILLED ? server.whereLogged() : server.lastWords()));
        bringBack();
      }
    } catch (InterruptedException e) {
      // Stopped while waiting.
    }
  }

  private void bringBack() throws InterruptedException {
    long backOffMillis = restartDelay.toMillis();
    while (true) {
      TimeUnit.MILLISECONDS.sleep(backOffMillis);
      String failure = startAgain();
      if (stopping || failure == null) {
        return;
      }
      backOffMillis =
          Math.max(restartDelay.toMillis(), Math.min(2 * backOffMillis, MAX_BACK_OFF_MILLIS));
      notices.accept(
          "%s %s, trying again in %.0f s".formatted(name, failure, backOffMillis / 1000.0));
    }
  }

  /** What went wrong; null if nothing did. Whatever it is, supervision goes on. */
  private String startAgain() throws InterruptedException {
    try {
      synchronized (this) {
        if (stopping) {
          return null;
        }
        server = ServerProcess.start(spec.get());
      }
      String failure = failureToBe(healthy);
      if (failure == null) {
        notices.accept(name + " is back");
        return null;
      }
      String where = server.whereLogged();
      server.stop(STOP_GRACE);
      return failure + "; " + where;
    } catch (RuntimeException | Error e) {
      return "could not be started: " + e;
    }
  }

  /** The process of now; after a death, of the last one. */
  long pid() {
    return server.pid();
  }

  /**
   * Stops the server for good.
   *
   * @return whether it stopped cleanly
   */
  boolean stop() {
    synchronized (this) {
      stopping = true;
      watch.interrupt();
    }
    return server == null || server.stop(STOP_GRACE);
  }
}
