package io.heed.cli.local;

import io.heed.cli.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One server in a JVM of its own, seen from the parent; {@link ServerMain} is the other side.
 *
 * <p>The server lives as long as its standard input is open: closing it requests a clean stop, and
 * the operating system closes it when the parent dies in whatever way, so that no server outlives
 * its parent. A terminal's Ctrl-C reaches every process of the foreground group; servers are
 * started with SIGINT and SIGHUP ignored, for the parent decides in which order they stop.
 */
final class ServerProcess {
  /**
   * What to start.
   *
   * @param name for people and file names, such as {@code kafka}
   * @param main main class
   * @param jvmFlags heap and the like
   * @param inherits whether the server has the parent's environment, with all that is in it
   * @param environment added; no secrets, which a list of processes would show
   * @param directory working directory
   * @param log the server's log; its raw output goes beside it as {@code .out}
   */
  record Spec(
      String name,
      Class<?> main,
      List<String> jvmFlags,
      List<String> arguments,
      boolean inherits,
      Map<String, String> environment,
      Path directory,
      Path log) {}

  /** Variables of the parent that every server has. */
  private static final Set<String> HARMLESS = Set.of("PATH", "HOME", "LANG", "TMPDIR", "TZ");

  private static final int QUOTED_LINES = 6;

  /** The variables last: macOS takes those that preload a library from a shell's environment. */
  private static final String LIVE_AS_IF_WITHOUT_TERMINAL = "trap '' INT HUP; exec env \"$@\"";

  private final Spec spec;
  private final Process process;

  private ServerProcess(Spec spec, Process process) {
    this.spec = spec;
    this.process = process;
  }

  static ServerProcess start(Spec spec) {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", LIVE_AS_IF_WITHOUT_TERMINAL, spec.name()));
    spec.environment().forEach((name, value) -> command.add(name + "=" + value));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(spec.jvmFlags());
    command.addAll(JvmFlags.flink());
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-Dlog4j2.configurationFile=classpath:log4j2-server.xml");
    command.add("-Dheed.log=" + spec.log());
    command.addAll(List.of("-cp", classPath(), spec.main().getName()));
    command.addAll(spec.arguments());
    try {
      Files.createDirectories(spec.directory());
      Files.createDirectories(spec.log().getParent());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(spec.directory().toFile())
              .redirectErrorStream(true)
              .redirectOutput(output(spec).toFile());
      if (!spec.inherits()) {
        builder.environment().keySet().retainAll(HARMLESS);
      }
      return new ServerProcess(spec, builder.start());
    } catch (IOException e) {
      throw new UserError("cannot start " + spec.name() + ": " + e.getMessage(), e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Waits for the end of the process and returns its exit code. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * Requests a clean stop and, after {@code grace}, kills.
   *
   * @return whether the stop was clean
   */
  boolean stop(Duration grace) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The process is gone already: what was requested.
    }
    try {
      if (process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue() == 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return false;
  }

  /** Where to read more, for a message to the user. */
  String whereLogged() {
    return "see " + spec.log();
  }

  /** The last output of the server, for a message to the user. */
  String lastWords() {
    try {
      List<String> lines = new ArrayList<>();
      for (Path file : List.of(output(spec), spec.log())) {
        if (lines.isEmpty() && Files.exists(file)) {
          lines.addAll(lastLines(file));
        }
      }
      return whereLogged()
          + lines.stream().map(line -> "\n  " + line).collect(Collectors.joining());
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  private static List<String> lastLines(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    List<String> lines =
        text.lines()
            .filter(line -> !line.isBlank() && !line.startsWith("\tat "))
            .filter(line -> !line.contains("signal chaining was deprecated"))
            .toList();
    return lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size());
  }

  private static Path output(Spec spec) {
    return spec.log().resolveSibling(spec.name() + ".out");
  }

  /** The parent's class path, made absolute since the server runs in a directory of its own. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(":"));
  }
}
