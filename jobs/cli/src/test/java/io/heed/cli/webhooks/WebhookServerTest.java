package io.heed.cli.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.client.Recipients;
import io.heed.core.model.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebhookServerTest {
  /** What Kafka would have: written, and acknowledged once the test does. */
  private record Written(Topic topic, String key, CompletableFuture<Void> acknowledged) {}

  /** Who never responds fails the test, and does not hang it. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ConcurrentLinkedQueue<Written> written = new ConcurrentLinkedQueue<>();
  private volatile boolean acknowledges = true;
  private WebhookServer server;

  @BeforeEach
  void start() throws IOException {
    start(this::write, Duration.ofMinutes(5));
  }

  private CompletableFuture<Void> write(Topic topic, String key, byte[] value) {
    Written record = new Written(topic, key, new CompletableFuture<>());
    written.add(record);
    if (acknowledges) {
      record.acknowledged().complete(null);
    }
    return record.acknowledged();
  }

  private void start(RecordSink sink, Duration acknowledgedWithin) throws IOException {
    server =
        WebhookServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            TestingCallbacks.checks(),
            new Recipients("US", null),
            sink,
            acknowledgedWithin);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyVendorsCallbackIsTaken() throws Exception {
    for (String sample :
        List.of(
            "twilio-stop.form",
            "telnyx-finalized.json",
            "infobip-reports.json",
            "bandwidth-events.json")) {
      assertThat(post(sample).statusCode()).as(sample).isEqualTo(200);
    }
    assertThat(written)
        .extracting(Written::topic)
        .containsExactly(
            Topic.REPLY,
            Topic.OPT_OUT,
            Topic.DELIVERY,
            Topic.DELIVERY,
            Topic.DELIVERY,
            Topic.DELIVERY,
            Topic.REPLY);
    assertThat(post("twilio-stop.form").body()).isEqualTo("<Response/>");
    assertThat(server.counts().text())
        .contains("heed_webhooks_total{vendor=\"twilio\",outcome=\"accepted\"} 2\n");
  }

  @Test
  void acknowledgesOnlyWhatKafkaHasAcknowledged() throws Exception {
    acknowledges = false;
    CompletableFuture<HttpResponse<String>> response =
        http.sendAsync(request("twilio-stop.form"), BodyHandlers.ofString());
    await().until(() -> written.size() == 2);
    written.poll().acknowledged().complete(null);
    Thread.sleep(200);
    assertThat(response).as("one of two records is on its way").isNotDone();
    written.poll().acknowledged().complete(null);
    assertThat(response.join().statusCode()).isEqualTo(200);
  }

  @Test
  void whatKafkaDoesNotTakeIsLeftToTheVendor() throws Exception {
    acknowledges = false;
    CompletableFuture<HttpResponse<String>> response =
        http.sendAsync(request("telnyx-received.json"), BodyHandlers.ofString());
    await().until(() -> written.size() == 1);
    written.poll().acknowledged().completeExceptionally(new IOException("away"));
    assertThat(response.join().statusCode()).isEqualTo(503);
    assertThat(server.counts().text()).contains("outcome=\"unavailable\"} 1\n");
  }

  @Test
  void aWrongSignatureIs403AndWritesNothing() throws Exception {
    byte[] body = TestingCallbacks.sample("telnyx-received.json");
    Map<String, String> headers =
        TestingCallbacks.signed("telnyx", new byte[0], System.currentTimeMillis());
    assertThat(send(request("telnyx", headers, body)).statusCode()).isEqualTo(403);
    assertThat(send(request("twilio", Map.of(), body)).statusCode()).isEqualTo(403);
    HttpResponse<String> unauthenticated = send(request("bandwidth", Map.of(), body));
    assertThat(unauthenticated.statusCode()).isEqualTo(401);
    assertThat(unauthenticated.headers().firstValue("WWW-Authenticate"))
        .contains("Basic realm=\"webhooks\"");
    assertThat(written).isEmpty();
    assertThat(server.counts().text())
        .contains(
            "vendor=\"telnyx\",outcome=\"refused\"} 1\n", "\"bandwidth\",outcome=\"refused\"");
  }

  @Test
  void whatIsNoEventIs422AndADeadLetter() throws Exception {
    byte[] body = "{\"data\": {}}".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> response =
        send(
            request(
                "telnyx",
                TestingCallbacks.signed("telnyx", body, System.currentTimeMillis()),
                body));
    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(response.body()).isEqualTo("event_type: required, but missing\n");
    assertThat(written).extracting(Written::topic).containsExactly(Topic.DEAD_LETTER);
    assertThat(server.counts().text()).contains("outcome=\"unmapped\"} 1\n");
  }

  @Test
  void otherRequestsAreRefused() throws Exception {
    byte[] large = new byte[WebhookServer.MAX_BODY_BYTES + 1];
    assertThat(send(request("telnyx", Map.of(), large)).statusCode()).isEqualTo(413);
    assertThat(send(request("nobody", Map.of(), new byte[0])).statusCode()).isEqualTo(404);
    URI uri = URI.create("http://127.0.0.1:" + server.port());
    assertThat(send(HttpRequest.newBuilder(uri.resolve("/telnyx")).build()).statusCode())
        .isEqualTo(405);
    assertThat(send(HttpRequest.newBuilder(uri.resolve("/health")).build()).statusCode())
        .isEqualTo(200);
    assertThat(written).isEmpty();
  }

  /** As Kafka's producer makes its callers wait while all brokers are away. */
  @Test
  void isThereWhileEveryWriteWaits() throws Exception {
    stop();
    CountDownLatch back = new CountDownLatch(1);
    start(
        (topic, key, value) -> {
          try {
            back.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return write(topic, key, value);
        },
        Duration.ofMillis(500));
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(http.sendAsync(request("infobip-inbound.json"), BodyHandlers.ofString()));
    }
    URI health = URI.create("http://127.0.0.1:" + server.port() + "/health");
    assertThat(send(HttpRequest.newBuilder(health).timeout(LONG).build()).statusCode())
        .isEqualTo(200);
    assertThat(waiting).allMatch(each -> each.join().statusCode() == 503);
    back.countDown();
    await().until(() -> post("infobip-inbound.json").statusCode(), status -> status == 200);
    assertThat(written).as("what timed out in the queue is not written").hasSizeLessThan(100);
  }

  @Test
  void noMoreThanAThousandWaitForKafka() throws Exception {
    acknowledges = false;
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(http.sendAsync(request("infobip-inbound.json"), BodyHandlers.ofString()));
    }
    await().until(() -> written.size() == 1_000);
    assertThat(post("infobip-inbound.json").statusCode()).isEqualTo(503);
    written.forEach(record -> record.acknowledged().complete(null));
    assertThat(waiting).allMatch(each -> each.join().statusCode() == 200);
    acknowledges = true;
    assertThat(post("infobip-inbound.json").statusCode()).isEqualTo(200);
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(LONG);
  }

  private HttpResponse<String> post(String sample) throws Exception {
    return send(request(sample));
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, BodyHandlers.ofString());
  }

  private HttpRequest request(String sample) {
    String vendor = sample.substring(0, sample.indexOf('-'));
    byte[] body = TestingCallbacks.sample(sample);
    return request(vendor, TestingCallbacks.signed(vendor, body, System.currentTimeMillis()), body);
  }

  private HttpRequest request(String path, Map<String, String> headers, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/" + path))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(LONG)
            .POST(BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return request.build();
  }
}
