package io.heed.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * CPU time of this process by the names of its threads, those of the compiler, the collector and
 * RocksDB among them, as Linux counts it. Polls once a second, since threads end.
 */
final class ThreadCpu {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final long EVERY_MILLIS = 1_000;

  private final Map<String, String> names = new HashMap<>();
  private final Map<String, Long> before = new HashMap<>();
  private final Map<String, Long> nanos = new HashMap<>();
  private final Thread sampler = new Thread(this::sample, "thread-cpu");

  /** Polls from now on. */
  ThreadCpu() {
    poll(before);
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sample() {
    try {
      while (true) {
        Thread.sleep(EVERY_MILLIS);
        poll(nanos);
      }
    } catch (InterruptedException e) {
      // Called for the result.
    }
  }

  private void poll(Map<String, Long> into) {
    if (!Files.isDirectory(TASKS)) {
      return;
    }
    try (Stream<Path> tasks = Files.list(TASKS)) {
      for (Path task : tasks.toList()) {
        String id = task.getFileName().toString();
        try {
          // Again each time: a thread begins with the name of the one that started it.
          names.put(id, read(task.resolve("comm")));
          String times = read(task.resolve("schedstat"));
          into.put(id, Long.parseLong(times.substring(0, times.indexOf(' '))));
        } catch (IOException e) {
          // It has ended.
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot list " + TASKS, e);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).trim();
  }

  /**
   * Ends the polling.
   *
   * @return seconds that threads used up to the last poll, by the first 15 characters of their
   *     names without a number at the end, the largest first; empty where there is no Linux
   */
  Map<String, Double> seconds() throws InterruptedException {
    sampler.interrupt();
    sampler.join();
    poll(nanos);
    Map<String, Double> seconds = new TreeMap<>();
    nanos.forEach(
        (id, used) ->
            seconds.merge(
                names.get(id).replaceAll("[#-]?\\d+$", ""),
                (used - before.getOrDefault(id, 0L)) / 1e9,
                Double::sum));
    Map<String, Double> sorted = new LinkedHashMap<>();
    List<Map.Entry<String, Double>> all = seconds.entrySet().stream().toList();
    all.stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(each -> sorted.put(each.getKey(), each.getValue()));
    return sorted;
  }
}
