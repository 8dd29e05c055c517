package io.heed.cli.webhooks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.heed.cli.webhooks.CallbackReader.Read;
import io.heed.cli.webhooks.SignatureCheck.Found;
import io.heed.cli.webhooks.WebhookCounts.Outcome;
import io.heed.client.Recipients;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP service: {@code POST /VENDOR}. 200 once Kafka has acknowledged every event; 401 and 403
 * without the vendor's signature; 422 if nothing in it is an event, which is then a dead letter;
 * 413 above {@link #MAX_BODY_BYTES}; 503 if Kafka does not acknowledge or too many callbacks are on
 * their way, upon which vendors repeat it. The path's query is the user's. {@code GET /health} is
 * 200.
 *
 * <p>The JDK's own server does: vendors keep a few hundred connections at most, the work of a
 * request is a signature and a record, and a request that waits for Kafka holds no thread.
 */
public final class WebhookServer implements AutoCloseable {
  /** Room for a callback about hundreds of messages. */
  public static final int MAX_BODY_BYTES = 256 << 10;

  /** From when on a callback counts as not taken: before the vendors' own limits of 10 to 15 s. */
  public static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(8);

  private static final int THREADS = 16;
  private static final int MAX_UNDER_WAY = 1_000;
  private static final Map<String, byte[]> BODIES =
      Map.of("twilio", "<Response/>".getBytes(StandardCharsets.UTF_8));

  static {
    // A request that trickles in must not hold a thread for ever, nor wait for delayed packets.
    for (Map.Entry<String, String> setting :
        Map.of(
                "sun.net.httpserver.maxReqTime", "20",
                "sun.net.httpserver.maxRspTime", "20",
                "sun.net.httpserver.nodelay", "true")
            .entrySet()) {
      if (System.getProperty(setting.getKey()) == null) {
        System.setProperty(setting.getKey(), setting.getValue());
      }
    }
  }

  /** A vendor whose callbacks are taken. */
  private record Endpoint(String vendor, CallbackReader reader, SignatureCheck check) {}

  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final RecordSink sink;
  private final Duration acknowledgedWithin;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  /** A producer whose brokers are all away makes its callers wait: one thread, not all of them. */
  private final ExecutorService writing = Executors.newSingleThreadExecutor();

  private final Semaphore room = new Semaphore(MAX_UNDER_WAY);
  private final WebhookCounts counts = new WebhookCounts();

  /** The vendors that are known. */
  public static List<String> vendors() {
    return mappings().stream().map(VendorMapping::vendor).toList();
  }

  private static List<VendorMapping> mappings() {
    return List.of(
        new TwilioMapping(), new TelnyxMapping(), new InfobipMapping(), new BandwidthMapping());
  }

  private WebhookServer(
      Map<String, SignatureCheck> checks,
      Recipients recipients,
      RecordSink sink,
      Duration acknowledgedWithin,
      HttpServer http) {
    this.sink = sink;
    this.acknowledgedWithin = acknowledgedWithin;
    this.http = http;
    for (VendorMapping mapping : mappings()) {
      SignatureCheck check = checks.get(mapping.vendor());
      if (check != null) {
        endpoints.put(
            "/" + mapping.vendor(),
            new Endpoint(mapping.vendor(), new CallbackReader(mapping, recipients), check));
      }
    }
  }

  /**
   * Starts a server.
   *
   * @param address to listen on; port 0 for any free one
   * @param checks by vendor; the others' callbacks are not taken
   * @throws IOException if the address cannot be used
   */
  public static WebhookServer start(
      InetSocketAddress address,
      Map<String, SignatureCheck> checks,
      Recipients recipients,
      RecordSink sink)
      throws IOException {
    return start(address, checks, recipients, sink, ACKNOWLEDGED_WITHIN);
  }

  static WebhookServer start(
      InetSocketAddress address,
      Map<String, SignatureCheck> checks,
      Recipients recipients,
      RecordSink sink,
      Duration acknowledgedWithin)
      throws IOException {
    HttpServer http = HttpServer.create(address, MAX_UNDER_WAY);
    WebhookServer server = new WebhookServer(checks, recipients, sink, acknowledgedWithin, http);
    server.http.createContext("/", server::handle);
    server.http.setExecutor(server.threads);
    server.http.start();
    return server;
  }

  public int port() {
    return http.getAddress().getPort();
  }

  public WebhookCounts counts() {
    return counts;
  }

  private void handle(HttpExchange exchange) {
    try {
      String path = exchange.getRequestURI().getPath();
      Endpoint endpoint = endpoints.get(path);
      if (endpoint == null) {
        respond(exchange, path.equals("/health") ? 200 : 404, new byte[0]);
      } else if (!exchange.getRequestMethod().equals("POST")) {
        finish(exchange, endpoint, 405, Outcome.INVALID);
      } else if (!room.tryAcquire()) {
        finish(exchange, endpoint, 503, Outcome.UNAVAILABLE);
      } else {
        var unused = take(exchange, endpoint).whenComplete((done, e) -> room.release());
      }
    } catch (IOException | RuntimeException e) {
      // The connection is gone, or is best closed.
      exchange.close();
    }
  }

  /** Takes a callback; done once its response was given. */
  private CompletableFuture<Void> take(HttpExchange exchange, Endpoint endpoint) {
    try {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
      if (body.length > MAX_BODY_BYTES) {
        finish(exchange, endpoint, 413, Outcome.INVALID);
        return CompletableFuture.completedFuture(null);
      }
      Callback callback =
          new Callback(
              exchange.getRequestURI().toString(),
              headers(exchange),
              body,
              System.currentTimeMillis());
      Found found = endpoint.check().check(callback);
      if (found != Found.VALID) {
        if (found == Found.MISSING) {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"webhooks\"");
        }
        finish(exchange, endpoint, found == Found.MISSING ? 401 : 403, Outcome.REFUSED);
        return CompletableFuture.completedFuture(null);
      }
      Read read = endpoint.reader().read(callback);
      // Not in the thread of Kafka's producer, which a slow connection would hold up.
      return write(read)
          .orTimeout(acknowledgedWithin.toMillis(), TimeUnit.MILLISECONDS)
          .handleAsync((written, e) -> finished(exchange, endpoint, read, e), threads);
    } catch (IOException | RuntimeException e) {
      exchange.close();
      return CompletableFuture.completedFuture(null);
    }
  }

  /** What timed out before its turn is left to the vendor's next try. */
  private CompletableFuture<Void> write(Read read) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    writing.execute(
        () -> {
          if (written.isDone()) {
            return;
          }
          var unused =
              CompletableFuture.allOf(
                      read.records().stream()
                          .map(record -> sink.write(record.topic(), record.key(), record.value()))
                          .toArray(CompletableFuture[]::new))
                  .whenComplete(
                      (all, e) -> {
                        if (e == null) {
                          written.complete(null);
                        } else {
                          written.completeExceptionally(e);
                        }
                      });
        });
    return written;
  }

  private Void finished(HttpExchange exchange, Endpoint endpoint, Read read, Throwable failure) {
    try {
      if (failure != null) {
        finish(exchange, endpoint, 503, Outcome.UNAVAILABLE);
      } else if (read.events() == 0 && !read.problems().isEmpty()) {
        counts.count(endpoint.vendor(), Outcome.UNMAPPED);
        respond(
            exchange,
            422,
            (String.join("\n", read.problems()) + "\n").getBytes(StandardCharsets.UTF_8));
      } else {
        counts.count(endpoint.vendor(), Outcome.ACCEPTED);
        respond(exchange, 200, BODIES.getOrDefault(endpoint.vendor(), new byte[0]));
      }
    } catch (IOException | RuntimeException e) {
      exchange.close();
    }
    return null;
  }

  private void finish(HttpExchange exchange, Endpoint endpoint, int status, Outcome outcome)
      throws IOException {
    counts.count(endpoint.vendor(), outcome);
    respond(exchange, status, new byte[0]);
  }

  private static Map<String, String> headers(HttpExchange exchange) {
    Map<String, String> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    return headers;
  }

  private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean xml = status == 200 && body.length > 0;
    exchange
        .getResponseHeaders()
        .set("Content-Type", xml ? "text/xml" : "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (exchange;
        OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Gives callbacks that are under way some seconds. */
  @Override
  public void close() {
    http.stop(2);
    writing.shutdownNow();
    threads.shutdown();
  }
}
