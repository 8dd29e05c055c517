package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Category;
import io.heed.core.model.Decision;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole job but for Kafka, on a small cluster. */
class SendGateTopologyIT {
  private static final long HOUR = 3_600_000L;
  private static final int RECIPIENTS = 40;

  private record Outputs(Map<String, String> lastWords, Map<String, List<String>> verdicts) {}

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  @Test
  void publishesTheSameInAnyOrderAndAtAnyParallelism() throws Exception {
    Random random = new Random(7);
    List<Event> facts = facts(random);
    List<Event> shuffled = new ArrayList<>(facts);
    Collections.shuffle(shuffled, random);
    shuffled.addAll(facts.subList(0, 50));
    Outputs one = run(facts, 1);
    assertThat(one.lastWords()).hasSizeGreaterThan(RECIPIENTS);
    assertThat(run(shuffled, 1).lastWords()).isEqualTo(one.lastWords());
    assertThat(run(shuffled, 2).lastWords()).isEqualTo(one.lastWords());
  }

  @Test
  void givesTheSameVerdictsInTheSameOrderAtAnyParallelism() throws Exception {
    Random random = new Random(8);
    List<Event> events = new ArrayList<>();
    for (Event fact : facts(random)) {
      events.add(fact);
      int number = events.size();
      events.add(
          TestingGateTask.request(
              "r" + random.nextInt(RECIPIENTS), "q" + number, fact.eventTime()));
    }
    Outputs one = run(events, 1);
    assertThat(one.verdicts()).hasSize(RECIPIENTS);
    assertThat(run(events, 2).verdicts()).isEqualTo(one.verdicts());
  }

  private static List<Event> facts(Random random) {
    List<Event> facts = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      String recipient = "r" + random.nextInt(RECIPIENTS);
      long at = NOON + random.nextInt(240) * HOUR;
      String message = "m" + i;
      facts.add(
          new Send(
              "s" + i,
              at,
              recipient,
              message,
              "campaign",
              "list-" + random.nextInt(2),
              Category.PROMOTIONAL,
              null,
              null,
              null,
              null,
              "US-FL",
              "America/New_York",
              1,
              0,
              null,
              null));
      boolean delivered = random.nextInt(4) > 0;
      facts.add(
          new Delivery(
              "d" + i,
              at + 5_000,
              recipient,
              message,
              delivered ? DeliveryStatus.DELIVERED : DeliveryStatus.UNDELIVERED,
              delivered ? null : "30003",
              "twilio",
              null));
      switch (random.nextInt(20)) {
        case 0 -> facts.add(new Reply("p" + i, at + 60_000, recipient, message, "stop"));
        case 1 ->
            facts.add(new OptOut("o" + i, at + 60_000, recipient, "*", OptOutMethod.WEB, null));
        case 2, 3 ->
            facts.add(new OptIn("i" + i, at + 90_000, recipient, "list-1", OptInMethod.WEB, null));
        default -> {
          // Nothing more.
        }
      }
    }
    return facts;
  }

  private static Outputs run(List<Event> events, int parallelism) throws Exception {
    JobOptions options =
        JobOptions.fromArgs("--parallelism", "" + parallelism, "--stale-after", "100000d");
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = JobEnvironment.create(SendGateTopology.JOB, options, settings);
    // Appended just now: requests of long before the start get no verdict.
    long appendTime = System.currentTimeMillis();
    List<Input> inputs = new ArrayList<>();
    for (Event event : events) {
      inputs.add(
          TestingInputs.record(
              topic(event), inputs.size(), appendTime, event.recipientId(), (Record) event));
    }
    DataStream<Input> source =
        env.fromData(inputs, CompactTypeInfo.INPUT)
            .keyBy(input -> ((Event) input.content()).recipientId(), Types.STRING);
    SendGateTopology.Outputs emitted =
        SendGateTopology.decide(
            KafkaInputs.inTime(source, options, SendGateTopology.JOB),
            options,
            new TestingGateLog.Opener());
    Map<String, Decision> last = new HashMap<>();
    Map<String, List<String>> verdicts = new TreeMap<>();
    TopicCodec codec = new TopicCodec();
    try (CloseableIterator<Output> outputs =
        emitted.decisions().union(emitted.notices()).executeAndCollect()) {
      while (outputs.hasNext()) {
        Output output = outputs.next();
        Object content = codec.read(output.topic(), output.value(), Long.MAX_VALUE / 2);
        if (content instanceof SendVerdict verdict) {
          verdicts
              .computeIfAbsent(verdict.recipientId(), r -> new ArrayList<>())
              .add(verdict.decisionId());
        } else if (content instanceof SuppressionDecision
            || content instanceof FrequencyCapDecision) {
          Decision decision = (Decision) content;
          last.merge(
              output.topic() + " " + decision.key(), decision, (a, b) -> a.seq() > b.seq() ? a : b);
        }
      }
    }
    Map<String, String> lastWords = new TreeMap<>();
    last.forEach((key, decision) -> lastWords.put(key, decision.decisionId()));
    return new Outputs(lastWords, verdicts);
  }

  private static Topic topic(Event event) {
    return Topic.events().stream()
        .filter(topic -> topic.type() == event.getClass())
        .findFirst()
        .orElseThrow();
  }
}
