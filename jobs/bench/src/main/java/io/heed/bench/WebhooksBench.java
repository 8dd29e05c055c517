package io.heed.bench;

import io.heed.cli.webhooks.SignatureCheck;
import io.heed.cli.webhooks.WebhookServer;
import io.heed.client.EventWriter;
import io.heed.client.KafkaSettings;
import io.heed.client.Recipients;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * How long vendors wait for their callbacks' acknowledgement, at a constant rate and from the
 * instant at which each is due; against the same records written to Kafka without HTTP.
 */
final class WebhooksBench {
  static final String CREDENTIALS = "bench:secret";
  private static final int WARM_UP_SECONDS = 10;

  private final JobOptions options;
  private final int rate;
  private final Duration measured;
  private final Consumer<String> out;

  /**
   * Measures on a Kafka.
   *
   * @param rate callbacks a second
   */
  WebhooksBench(JobOptions options, int rate, Duration measured, Consumer<String> out) {
    this.options = options;
    this.rate = rate;
    this.measured = measured;
    this.out = out;
  }

  void run() throws Exception {
    Jobs.ensureTopics(options);
    KafkaSettings kafka = KafkaSettings.of(options.kafka(), null);
    try (EventWriter writer =
            new EventWriter(kafka, options.topicNames(), WebhookServer.ACKNOWLEDGED_WITHIN);
        WebhookServer server =
            WebhookServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of("bandwidth", SignatureCheck.basic(List.of(CREDENTIALS))),
                new Recipients("US", null),
                writer::write)) {
      writer.connect(List.of(Topic.DELIVERY, Topic.DEAD_LETTER));
      double[] direct =
          measure(
              "Kafka alone",
              i ->
                  writer
                      .write(
                          Topic.DELIVERY,
                          recipient(i),
                          body("direct", i).getBytes(StandardCharsets.UTF_8))
                      .thenApply(done -> true));
      HttpClient http = HttpClient.newHttpClient();
      URI uri = URI.create("http://127.0.0.1:" + server.port() + "/bandwidth");
      double[] webhooks =
          measure(
              "webhooks",
              i ->
                  http.sendAsync(request(uri, body("m", i)), BodyHandlers.discarding())
                      .thenApply(response -> response.statusCode() == 200));
      out.accept("  ratio of the 99th percentiles %.2f".formatted(webhooks[1] / direct[1]));
    }
  }

  /** Medians and 99th percentiles in milliseconds. */
  private double[] measure(String what, IntFunction<CompletableFuture<Boolean>> send)
      throws Exception {
    send(WARM_UP_SECONDS * rate, send, 0);
    int count = Math.toIntExact(measured.toSeconds() * rate);
    long[] nanos = send(count, send, WARM_UP_SECONDS * rate);
    Arrays.sort(nanos);
    double p50 = nanos[count / 2] / 1e6;
    double p99 = nanos[(int) (count * 0.99)] / 1e6;
    out.accept(
        "  %-12s %,d at %d/s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms"
            .formatted(what, count, rate, p50, p99, nanos[count - 1] / 1e6));
    return new double[] {p50, p99};
  }

  private long[] send(int count, IntFunction<CompletableFuture<Boolean>> send, int from)
      throws Exception {
    long[] nanos = new long[count];
    AtomicLong failed = new AtomicLong();
    CompletableFuture<?>[] all = new CompletableFuture<?>[count];
    PacedLoop.run(
        count,
        rate,
        (i, due) ->
            all[i] =
                send.apply(from + i)
                    .handle(
                        (accepted, e) -> {
                          nanos[i] = System.nanoTime() - due;
                          if (e != null || !accepted) {
                            failed.incrementAndGet();
                          }
                          return null;
                        }));
    CompletableFuture.allOf(all).get();
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " of " + count + " were not acknowledged");
    }
    return nanos;
  }

  /** A callback of Bandwidth with one event in it. */
  static HttpRequest request(URI uri, String body) {
    return HttpRequest.newBuilder(uri)
        .version(HttpClient.Version.HTTP_1_1)
        .header("Content-Type", "application/json")
        .header(
            "Authorization",
            "Basic "
                + Base64.getEncoder().encodeToString(CREDENTIALS.getBytes(StandardCharsets.UTF_8)))
        .POST(BodyPublishers.ofString("[" + body + "]"))
        .build();
  }

  private static String recipient(int i) {
    return "+1212555%04d".formatted(i % 10_000);
  }

  /** The event of one message, whose id is the prefix and its number. */
  static String body(String prefix, int i) {
    return """
        {"time":"2026-11-30T12:04:08.000Z","type":"message-delivered","to":"%s",\
        "description":"ok","message":{"id":"%s%d","owner":"+15017122661","applicationId":\
        "93de2206-9669-4e07-948d-329f4b722ee2","time":"2026-11-30T12:04:07.000Z","segmentCount":1,\
        "direction":"out","to":["%s"],"from":"+15017122661","text":"","tag":"spring-sale"}}"""
        .formatted(recipient(i), prefix, i, recipient(i));
  }
}
