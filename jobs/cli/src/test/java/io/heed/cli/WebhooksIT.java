package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.cli.local.Ports;
import io.heed.cli.webhooks.TestingCallbacks;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code heed webhooks} as a process that is killed, on a broker that is killed. */
class WebhooksIT {
  private static final int SENDERS = 4;
  private static final int CALLBACKS = 1_200;
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Integer> refusals = new ConcurrentHashMap<>();
  private Process webhooks;
  private int port;

  @Test
  void whatIsAcknowledgedIsInKafkaOnce() throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA)
                .kafkaPort(0)
                .build())) {
      JobOptions options = JobOptions.fromArgs("--kafka", stack.endpoints().kafka());
      Jobs.ensureTopics(options);
      port = Ports.free();
      start(options.kafka());
      List<Future<?>> sending = new ArrayList<>();
      for (int sender = 0; sender < SENDERS; sender++) {
        int first = sender;
        sending.add(senders.submit(() -> sendUntilAcknowledged(first)));
      }
      await("a quarter").until(() -> acknowledged.size() > CALLBACKS / 4);
      webhooks.destroyForcibly().waitFor();
      start(options.kafka());
      int before = acknowledged.size();
      await("another quarter").until(() -> acknowledged.size() > before + CALLBACKS / 4);
      ProcessHandle.of(stack.pid(Part.KAFKA)).orElseThrow().destroyForcibly();
      for (Future<?> each : sending) {
        each.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      }
      assertThat(acknowledged).hasSize(CALLBACKS);
      assertThat(refusals).as("the first kill was noticed").isNotEmpty();
      everythingIsThere(options);
      webhooks.destroy();
      assertThat(webhooks.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(webhooks.exitValue()).isZero();
      assertThat(Files.readString(directory.resolve("out"))).endsWith("stopped\n");
    } finally {
      senders.shutdownNow();
      if (webhooks != null) {
        webhooks.destroyForcibly();
      }
    }
  }

  private void everythingIsThere(JobOptions options) throws Exception {
    Map<String, Set<Event>> events = new HashMap<>();
    TopicCodec codec = new TopicCodec();
    List<String> deadLetters = new ArrayList<>();
    try (TopicReader reader = new TopicReader(options, "test")) {
      for (Topic topic : List.of(Topic.DELIVERY, Topic.REPLY, Topic.OPT_OUT)) {
        reader.readToEnd(
            topic,
            Map.of(),
            record -> {
              try {
                Event event =
                    (Event) codec.read(topic, record.key(), record.value(), record.timestamp());
                assertThat(record.key())
                    .isEqualTo(event.recipientId().getBytes(StandardCharsets.UTF_8));
                events.computeIfAbsent(event.eventId(), id -> new HashSet<>()).add(event);
              } catch (UnreadableException e) {
                throw new IllegalStateException(e);
              }
            });
      }
      reader.readToEnd(
          Topic.DEAD_LETTER,
          Map.of(),
          record -> deadLetters.add(new String(record.value(), StandardCharsets.UTF_8)));
    }
    assertThat(deadLetters).isEmpty();
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < CALLBACKS; i++) {
      expected.add("twilio:SM" + i + (isStop(i) ? "" : ":delivered"));
      if (isStop(i)) {
        expected.add("twilio:SM" + i + ":opt-out");
      }
    }
    assertThat(events.keySet()).isEqualTo(expected);
    events.forEach(
        (id, same) ->
            assertThat(same)
                .as("of one id, all but the time is the same: %s", id)
                .allSatisfy(
                    event -> assertThat(what(event)).isEqualTo(what(same.iterator().next()))));
  }

  private static String what(Event event) {
    if (event instanceof Delivery receipt) {
      return receipt.recipientId() + receipt.messageId() + receipt.status();
    }
    return event instanceof Reply reply
        ? reply.recipientId() + reply.body()
        : event.recipientId() + ((OptOut) event).scope();
  }

  private static boolean isStop(int callback) {
    return callback % 10 == 0;
  }

  /** As a vendor does: again and again until the response is 200. */
  private void sendUntilAcknowledged(int first) {
    for (int i = first; i < CALLBACKS; i += SENDERS) {
      String form =
          "MessageSid=SM%d&From=%%2B12125550178&To=%%2B15017122661&".formatted(i)
              + (isStop(i)
                  ? "SmsStatus=received&Body=Stop&OptOutType=STOP"
                  : "MessageStatus=delivered");
      while (!acknowledged.contains(i)) {
        int status = send(form.getBytes(StandardCharsets.UTF_8));
        if (status == 200) {
          acknowledged.add(i);
        } else {
          refusals.merge(status, 1, Integer::sum);
          pause();
        }
      }
    }
  }

  private int send(byte[] form) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/twilio"))
            .timeout(Duration.ofSeconds(10))
            .POST(BodyPublishers.ofByteArray(form));
    TestingCallbacks.signed("twilio", form, System.currentTimeMillis()).forEach(request::header);
    try {
      return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void start(String kafka) throws IOException {
    Path key = Files.writeString(directory.resolve("key"), TestingCallbacks.TWILIO_TOKEN + "\n");
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Heed.class.getName(),
            "webhooks",
            "--kafka",
            kafka,
            "--listen",
            "127.0.0.1:" + port,
            "--twilio-tokens",
            key.toString(),
            "--public-url",
            TestingCallbacks.PUBLIC_URL);
    webhooks =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    await("ready")
        .failFast(() -> assertThat(webhooks.isAlive()).isTrue())
        .until(() -> Files.readString(directory.resolve("out")).endsWith("ready\n"));
  }

  private static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(TIMEOUT).pollInterval(Duration.ofMillis(50));
  }
}
