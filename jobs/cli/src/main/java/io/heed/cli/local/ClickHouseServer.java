package io.heed.cli.local;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Main class of the ClickHouse process: runs the engine from its shared library as a genuine
 * server.
 *
 * <p>The engine serves as long as one query runs that reads lines from a pipe which this process
 * owns and never writes to. Closing the pipe ends the query, and with it the engine, cleanly.
 *
 * <p>Arguments: the library, the directory with {@code config.xml}, the engine's log.
 */
final class ClickHouseServer implements ServerMain.Server {
  private static final Logger LOG = LoggerFactory.getLogger(ClickHouseServer.class);

  /** The engine parses queries recursively and checks the stack that it finds. */
  private static final long STACK_BYTES = 64L << 20;

  private final NativeLibrary libc = NativeLibrary.getInstance("c");
  private final CompletableFuture<String> engine = new CompletableFuture<>();
  private final int[] pipe = new int[2];
  private final String library;
  private final Path directory;
  private final String log;

  private ClickHouseServer(String library, Path directory, String log) {
    this.library = library;
    this.directory = directory;
    this.log = log;
  }

  public static void main(String[] args) {
    Path directory = Path.of(args[1]);
    ServerMain.run(directory, new ClickHouseServer(args[0], directory, args[2]));
  }

  @Override
  public void start() {
    if (libc.getFunction("pipe").invokeInt(new Object[] {pipe}) != 0) {
      throw new IllegalStateException("no pipe to be had from the operating system");
    }
    Thread thread = new Thread(null, this::runEngine, "engine", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }

  private void runEngine() {
    try {
      NativeLibrary chdb = NativeLibrary.getInstance(library);
      Function run = chdb.getFunction("chdb_query_cmdline");
      Function error = chdb.getFunction("chdb_result_error");
      String[] arguments = {
        "clickhouse",
        "--config-file=" + directory.resolve(ClickHouseConfig.FILE),
        "--log-level=warning",
        "--logger.log=" + log,
        "--query",
        "CREATE DATABASE IF NOT EXISTS "
            + ClickHouseConfig.DATABASE
            + "; SYSTEM START LISTEN HTTP; INSERT INTO FUNCTION null('line String') FROM INFILE '"
            + pipePath()
            + "' SETTINGS max_execution_time = 0 FORMAT LineAsString"
      };
      confine();
      Pointer result = run.invokePointer(new Object[] {arguments.length, arguments});
      engine.complete((String) error.invoke(String.class, new Object[] {result}));
    } catch (Throwable e) {
      engine.completeExceptionally(e);
    }
  }

  /** As the client that the engine is at its start reads it, without a grant on files. */
  private String pipePath() {
    return "/dev/fd/" + pipe[0];
  }

  /** From here on this thread, and with it the engine, has the files that it needs, no others. */
  private void confine() {
    Landlock landlock = new Landlock();
    if (landlock.version() == 0) {
      LOG.warn(
          "this system has no Landlock: any local user can read files through ClickHouse's file()");
      return;
    }
    landlock.confine(
        Stream.of("/proc", "/sys", "/usr/share/zoneinfo", "/dev/urandom", library)
            .map(Path::of)
            .toList(),
        List.of(directory, Path.of(log).getParent(), Path.of("/dev/null")));
  }

  @Override
  public void await() throws ExecutionException, InterruptedException {
    String error = engine.get();
    if (error != null) {
      throw new IllegalStateException(error);
    }
  }

  @Override
  public void stop() throws ExecutionException, InterruptedException {
    libc.getFunction("close").invokeInt(new Object[] {pipe[1]});
    await();
  }
}
