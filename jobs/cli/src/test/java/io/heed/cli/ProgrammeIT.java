package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.TestingLocal;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Policy;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.TimeMark;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A programme of three campaigns and two tests with a hold-out of its own, on the running stack.
 */
@Tag("proof")
class ProgrammeIT {
  private static final int PEOPLE = 400;
  private static final int PARTITIONS = 4;
  private static final Duration TIMEOUT = Duration.ofMinutes(4);
  private static final String[] CAMPAIGN_TESTS = {"x1", "x2", null};

  /**
   * Events are this old when they are written: history, of which a watermark record makes the end;
   * of what happens now the clock does.
   */
  private static final long AGE_MILLIS = Duration.ofMinutes(10).toMillis();

  /** Probabilities of a purchase by a message, and without one. */
  private static final double BY_MESSAGE = 0.2;

  private static final double ANYWAY = 0.3;

  private static final Path DOCUMENTS = Path.of("../core/src/test/resources/documents");

  @TempDir private Path directory;
  private final Map<String, SendVerdict> verdicts = new HashMap<>();
  private final Map<String, Set<String>> assigned = new HashMap<>();
  private final Map<String, Integer> messages = new HashMap<>();
  private final Set<String> buyers = new HashSet<>();
  private int purchases;

  @Test
  void nobodyHeldOutIsTextedAndTheLiftCoversTheTruth() throws Exception {
    Path config = directory.resolve("config");
    Files.createDirectories(config.resolve("policies"));
    Files.createDirectories(config.resolve("experiments"));
    String policy = Files.readString(DOCUMENTS.resolve("programme-policy.yaml"));
    String test = Files.readString(DOCUMENTS.resolve("programme-test.yaml"));
    Files.writeString(config.resolve("policies/p.yaml"), policy);
    Files.writeString(config.resolve("experiments/x1.yaml"), "id: x1\n" + test);
    Files.writeString(config.resolve("experiments/x2.yaml"), "id: x2\nholdout: 0.2\n" + test);
    ProgrammeHoldout holdout = Policy.parse("p", policy).holdout();
    SplittableRandom random = new SplittableRandom(14);
    try (TestingLocal local = new TestingLocal(directory.resolve("stack"), TIMEOUT)) {
      local.start("--jobs", "send-gate,attribution,warehouse", "--config-dir", config.toString());
      try (KafkaProducer<byte[], byte[]> producer = SendGateIT.producer(local);
          KafkaConsumer<byte[], byte[]> consumer = SendGateIT.consumer(local)) {
        for (int campaign = 0; campaign < CAMPAIGN_TESTS.length; campaign++) {
          play(campaign, producer, consumer, random);
        }
        assertThat(verdicts.values())
            .filteredOn(verdict -> holdout.holds(verdict.recipientId()))
            .hasSizeGreaterThan(300)
            .allMatch(verdict -> verdict.verdict() == Verdict.DENY);
        for (int i = 0; i < PEOPLE; i++) {
          if (random.nextDouble() < ANYWAY) {
            buy(producer, "p" + i, "any");
          }
        }
        producer.flush();
        await(local, "SELECT uniqExact(conversion_id) FROM attribution_credit", purchases);
        await(local, "SELECT count() FROM events WHERE event_type = 'conversion'", purchases);
        for (int partition = 0; partition < PARTITIONS; partition++) {
          long end = System.currentTimeMillis() + Duration.ofDays(36).toMillis();
          byte[] mark = JsonCodec.of(TimeMark.class).write(new TimeMark(end));
          producer
              .send(new ProducerRecord<>(Topic.TIME_MARK.baseName(), partition, null, mark))
              .get();
        }
      }
      Set<String> held = new HashSet<>();
      Set<String> texted = new HashSet<>();
      for (int i = 0; i < PEOPLE; i++) {
        (holdout.holds("p" + i) ? held : texted).add("p" + i);
      }
      assertThat(assigned.get("programme")).isEqualTo(held);
      assertThat(assigned.get("x2")).isNotEmpty().isSubsetOf(texted);
      String lift =
          "SELECT %s FROM incremental_lift WHERE experiment_id = 'programme' AND metric = 'converting'"
              + " ORDER BY evaluated_at DESC LIMIT 1";
      await(local, lift.formatted("recipients"), texted.size());
      await(local, lift.formatted("holdout_recipients"), held.size());
      assertThat(figure(local, lift.formatted("mean"))).isEqualTo(rate(texted));
      assertThat(figure(local, lift.formatted("holdout_mean"))).isEqualTo(rate(held));
      double truth =
          texted.stream()
              .mapToDouble(
                  p -> 1 - (1 - ANYWAY) * Math.pow(1 - BY_MESSAGE, messages.get(p)) - ANYWAY)
              .average()
              .orElseThrow();
      assertThat(figure(local, lift.formatted("effect_lower"))).isLessThan(truth);
      assertThat(figure(local, lift.formatted("effect_upper"))).isGreaterThan(truth);
      local.stop();
    }
  }

  private double rate(Set<String> people) {
    return (double) people.stream().filter(buyers::contains).count() / people.size();
  }

  /** Requests a campaign for everybody, and sends what is allowed. */
  private void play(
      int campaign,
      KafkaProducer<byte[], byte[]> producer,
      KafkaConsumer<byte[], byte[]> consumer,
      SplittableRandom random)
      throws Exception {
    Map<String, SendRequest> requests = new HashMap<>();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    for (int i = 0; i < PEOPLE; i++) {
      SendRequest request = request("p" + i, campaign);
      requests.put(request.requestId(), request);
    }
    while (!verdicts.keySet().containsAll(requests.keySet())) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      for (SendRequest request : requests.values()) {
        if (!verdicts.containsKey(request.requestId())) {
          SendGateIT.publish(producer, request);
        }
      }
      long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (System.nanoTime() < until && !verdicts.keySet().containsAll(requests.keySet())) {
        consumer.poll(Duration.ofMillis(100)).forEach(this::read);
      }
    }
    for (SendRequest request : requests.values()) {
      SendVerdict verdict = verdicts.get(request.requestId());
      messages.merge(
          request.recipientId(), verdict.verdict() == Verdict.ALLOW ? 1 : 0, Integer::sum);
      if (verdict.verdict() == Verdict.ALLOW) {
        SendGateIT.publish(producer, send(request, verdict));
        if (random.nextDouble() < BY_MESSAGE) {
          buy(producer, request.recipientId(), "c" + campaign);
        }
      }
    }
    producer.flush();
  }

  /** While the gate is starting its verdict is to request again. */
  private void read(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(Topic.SEND_VERDICT.baseName())) {
        SendVerdict verdict = JsonCodec.of(SendVerdict.class).read(record.value());
        if (verdict.verdict() != Verdict.DEFER) {
          verdicts.put(verdict.requestId(), verdict);
        }
      } else if (record.topic().equals(Topic.ASSIGNMENT.baseName())) {
        Assignment assignment = JsonCodec.of(Assignment.class).read(record.value());
        assigned
            .computeIfAbsent(assignment.experimentId(), id -> new HashSet<>())
            .add(assignment.recipientId());
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void buy(KafkaProducer<byte[], byte[]> producer, String person, String id) {
    buyers.add(person);
    purchases++;
    SendGateIT.publish(
        producer,
        new Conversion(
            "v-" + person + id,
            System.currentTimeMillis() - AGE_MILLIS,
            person,
            person + id,
            ConversionKind.PURCHASE,
            10_000_000,
            null));
  }

  private static void await(TestingLocal local, String sql, double figure) {
    local.await().untilAsserted(() -> assertThat(figure(local, sql)).as(sql).isEqualTo(figure));
  }

  private static double figure(TestingLocal local, String sql) throws SQLException {
    String warehouse = local.endpoint("ClickHouse").replaceFirst(" .*", "");
    try (Connection connection = DriverManager.getConnection(warehouse);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql.replaceFirst("FROM ", "FROM heed."))) {
      return rows.next() ? rows.getDouble(1) : Double.NaN;
    }
  }

  private static SendRequest request(String person, int campaign) {
    return new SendRequest(
        "e-" + person + "-" + campaign,
        System.currentTimeMillis() - AGE_MILLIS,
        person,
        person + "-" + campaign,
        "c" + campaign,
        "list-1",
        Category.PROMOTIONAL,
        CAMPAIGN_TESTS[campaign],
        null,
        null,
        null,
        SendGateIT.zoneWhereItIsNoon(),
        null);
  }

  private static Send send(SendRequest request, SendVerdict verdict) {
    return new Send(
        "s-" + request.requestId(),
        verdict.decidedAt(),
        request.recipientId(),
        request.requestId(),
        request.campaignId(),
        request.listId(),
        Category.PROMOTIONAL,
        request.experimentId(),
        verdict.variantId(),
        verdict.epoch(),
        null,
        null,
        request.timeZone(),
        1,
        0,
        request.requestId(),
        null);
  }
}
