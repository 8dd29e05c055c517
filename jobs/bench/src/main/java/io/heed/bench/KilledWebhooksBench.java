package io.heed.bench;

import io.heed.cli.Heed;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.cli.local.Ports;
import io.heed.flink.warehouse.WarehouseTopology;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * Plays callbacks at a constant rate against the service as a process of its own, which is killed
 * after a third of the time, as is the broker after two thirds. Repeats, as vendors do, what was
 * not acknowledged. In the end every acknowledged callback has to be in the table of events, once.
 */
final class KilledWebhooksBench {
  /** Vendors wait longer and longer before they repeat a callback. */
  private static final Duration FIRST_REPEAT = Duration.ofSeconds(1);

  private static final Duration LAST_REPEAT = Duration.ofSeconds(16);
  private static final int CONNECTIONS = 200;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** What is due within this time after a kill is not counted as calm. */
  private static final Duration OUTAGE = Duration.ofSeconds(20);

  private final LocalStack stack;
  private final Path directory;
  private final int rate;
  private final int count;
  private final Consumer<String> out;

  /** One callback at a time each: what is due while all wait, waits in their queue. */
  private final ScheduledExecutorService vendor = Executors.newScheduledThreadPool(CONNECTIONS);

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicLongArray waited;
  private final CountDownLatch allAcknowledged;
  private final AtomicInteger refused = new AtomicInteger();
  private final int port = Ports.free();
  private volatile Process service;

  /**
   * Plays against a stack with the job warehouse.
   *
   * @param directory for the service's output
   * @param rate callbacks a second
   */
  private KilledWebhooksBench(
      LocalStack stack, Path directory, int rate, Duration played, Consumer<String> out) {
    this.stack = stack;
    this.directory = directory;
    this.rate = rate;
    this.count = Math.toIntExact(played.toSeconds() * rate);
    this.out = out;
    waited = new AtomicLongArray(count);
    allAcknowledged = new CountDownLatch(count);
  }

  /** The same on a stack of its own. */
  static void run(Path directory, int rate, Duration played, Consumer<String> out)
      throws Exception {
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("webhooks-killed"))
                .kafkaPort(0)
                .clickHousePort(0)
                .flinkPort(0)
                .metricsPort(0)
                .jobs(List.of(WarehouseTopology.JOB))
                .build())) {
      new KilledWebhooksBench(stack, directory, rate, played, out).run();
    }
  }

  private void run() throws Exception {
    try {
      startService();
      awaitService();
      play();
      check();
    } finally {
      service.destroyForcibly();
      vendor.shutdownNow();
    }
  }

  private void play() throws Exception {
    PacedLoop.run(
        count,
        rate,
        (i, due) -> {
          if (i == count / 3) {
            service.destroyForcibly();
            startService();
          } else if (i == 2 * count / 3) {
            ProcessHandle.of(stack.pid(Part.KAFKA)).orElseThrow().destroyForcibly();
          }
          vendor.execute(() -> send(i, due, FIRST_REPEAT));
        });
    if (!allAcknowledged.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "%,d of %,d callbacks are not acknowledged %s after the last was due, %,d tries were not"
              .formatted(allAcknowledged.getCount(), count, TIMEOUT, refused.get()));
    }
  }

  /** Sends a callback, again and again until it is acknowledged. */
  private void send(int index, long due, Duration repeatAfter) {
    if (isAcknowledged(index)) {
      waited.set(index, System.nanoTime() - due);
      allAcknowledged.countDown();
      return;
    }
    refused.incrementAndGet();
    Duration doubled = repeatAfter.multipliedBy(2);
    Duration next = doubled.compareTo(LAST_REPEAT) < 0 ? doubled : LAST_REPEAT;
    var unused =
        vendor.schedule(
            () -> send(index, due, next), repeatAfter.toMillis(), TimeUnit.MILLISECONDS);
  }

  private boolean isAcknowledged(int index) {
    URI uri = URI.create("http://127.0.0.1:" + port + "/bandwidth");
    HttpRequest request =
        HttpRequest.newBuilder(
                WebhooksBench.request(uri, WebhooksBench.body("k", index)), (n, v) -> true)
            .timeout(REQUEST_TIMEOUT)
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void check() throws Exception {
    long[] calm = new long[count];
    int counted = 0;
    long outage = OUTAGE.toSeconds() * rate;
    for (int i = 0; i < count; i++) {
      boolean disturbed =
          (i >= count / 3 && i < count / 3 + outage)
              || (i >= 2 * count / 3 && i < 2 * count / 3 + outage);
      if (!disturbed) {
        calm[counted++] = waited.get(i);
      }
    }
    long[] sorted = Arrays.copyOf(calm, counted);
    Arrays.sort(sorted);
    long longest = 0;
    for (int i = 0; i < count; i++) {
      longest = Math.max(longest, waited.get(i));
    }
    out.accept(
        "  killed       %,d at %d/s, service and broker killed: p99 %.1f ms outside of the %d s after"
                .formatted(count, rate, sorted[(int) (counted * 0.99)] / 1e6, OUTAGE.toSeconds())
            + " a kill, the longest %.1f s, %,d attempts without acknowledgement"
                .formatted(longest / 1e9, refused.get()));
    long rows = 0;
    long ids = 0;
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (ids < count && System.nanoTime() < deadline) {
      TimeUnit.SECONDS.sleep(1);
      try (Connection connection = DriverManager.getConnection(stack.endpoints().clickHouseUrl());
          Statement statement = connection.createStatement();
          ResultSet found =
              statement.executeQuery(
                  "SELECT count(), uniqExact(event_id) FROM events"
                      + " WHERE match(event_id, '^bandwidth:k[0-9]+:message-delivered:0$')")) {
        found.next();
        rows = found.getLong(1);
        ids = found.getLong(2);
      } catch (SQLException e) {
        // The table may not be there yet.
        ids = 0;
      }
    }
    out.accept("  acknowledged %,d, in events %,d rows of %,d ids".formatted(count, rows, ids));
    if (rows != count || ids != count) {
      throw new IllegalStateException("every acknowledged callback has to be in events once");
    }
  }

  private void startService() throws IOException {
    Path key = Files.writeString(directory.resolve("webhooks.key"), WebhooksBench.CREDENTIALS);
    service =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Heed.class.getName(),
                    "webhooks",
                    "--kafka",
                    stack.endpoints().kafka(),
                    "--listen",
                    "127.0.0.1:" + port,
                    "--bandwidth-credentials",
                    key.toString()))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("webhooks.out").toFile())
            .start();
  }

  private void awaitService() throws Exception {
    Path output = directory.resolve("webhooks.out");
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!Files.readString(output).endsWith("ready\n")) {
      if (!service.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("heed webhooks: " + Files.readString(output));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }
}
