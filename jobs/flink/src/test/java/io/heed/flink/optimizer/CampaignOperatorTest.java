package io.heed.flink.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.JsonCodec;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.outcomes.CampaignFact;
import io.heed.core.outcomes.CampaignFact.Kind;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class CampaignOperatorTest {
  private static final long MINUTE = 60_000;
  private static final long LATENESS = 60 * MINUTE;
  private static final long START = 29_000_000;
  private static final long CLOCK = START * MINUTE;
  private static final JsonCodec<ValueModelVersion> CODEC = JsonCodec.of(ValueModelVersion.class);

  private final List<ValueModelVersion> published = new ArrayList<>();

  private static KeyedTwoInputStreamOperatorTestHarness<Long, CampaignFact, ListModel, Output>
      harness(OperatorSubtaskState from) throws Exception {
    KeyedTwoInputStreamOperatorTestHarness<Long, CampaignFact, ListModel, Output> harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new CampaignOperator(LATENESS), CampaignFact::key, model -> 0L, Types.LONG);
    harness.setProcessingTime(CLOCK);
    harness.setup();
    if (from != null) {
      harness.initializeState(from);
    }
    harness.open();
    return harness;
  }

  private void tick(
      KeyedTwoInputStreamOperatorTestHarness<Long, CampaignFact, ListModel, Output> harness)
      throws Exception {
    harness.setProcessingTime(harness.getProcessingTime() + 5_000);
    for (Output output : harness.extractOutputValues()) {
      published.add(CODEC.read(output.value()));
    }
    harness.getOutput().clear();
  }

  private static CampaignFact fact(String list, Kind kind, long minute) {
    boolean sent = kind == Kind.SENT;
    return new CampaignFact(
        list,
        "c",
        sent ? List.of("sale") : List.of(),
        kind,
        START + minute,
        sent ? 7 : 0,
        sent ? List.of(0, 500, 800) : List.of());
  }

  /** As many messages, of which a share is clicked and a share makes people leave. */
  private static List<CampaignFact> campaign(String list, int messages, int clicks, int left) {
    List<CampaignFact> facts = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      facts.add(fact(list, Kind.SENT, i % 10));
    }
    for (int i = 0; i < clicks; i++) {
      facts.add(fact(list, Kind.CLICKED, i % 10 + i % 7));
    }
    for (int i = 0; i < left; i++) {
      facts.add(fact(list, Kind.LEFT, i % 10 + 1));
    }
    return facts;
  }

  private static void feed(
      KeyedTwoInputStreamOperatorTestHarness<Long, CampaignFact, ListModel, Output> harness,
      List<CampaignFact> facts)
      throws Exception {
    for (CampaignFact fact : facts) {
      harness.processElement1(new StreamRecord<>(fact));
    }
  }

  @Test
  void factorsSayWhatACampaignBringsWithinMinutes() throws Exception {
    try (var harness = harness(null)) {
      feed(harness, campaign("good", 2_000, 300, 4));
      feed(harness, campaign("bad", 2_000, 30, 40));
      tick(harness);
      assertThat(published).hasSize(2);
      long now = published.get(0).decidedAt();
      assertThat(now).isBetween(START * MINUTE, (START + 16) * MINUTE);
      assertThat(published.get(0).effectiveFrom()).isEqualTo(now + 2 * MINUTE);
      ValueModelVersion good = of("good");
      assertThat(good.key()).isEqualTo("good|campaign|c");
      assertThat(good.clickMillis()).isGreaterThan(1_500);
      assertThat(good.ready()).isTrue();
      // The first campaigns of a list: how much campaigns differ is not known yet.
      assertThat(of("bad").clickMillis()).isLessThan(850);
      assertThat(of("bad").optOutMillis()).isGreaterThan(1_200);
      tick(harness);
      assertThat(published).hasSize(2);
      // An hour later all clicks were due, so that the same clicks are less.
      harness.processWatermark1(new Watermark((START + 20) * MINUTE));
      tick(harness);
      assertThat(published).hasSize(4);
      assertThat(of("good").clickMillis()).isLessThan(good.clickMillis());
      assertThat(of("good").seq()).isGreaterThan(good.seq());
    }
  }

  @Test
  void neitherOrderNorRestartsChangeWhatIsKnownInTheEnd() throws Exception {
    List<CampaignFact> facts = campaign("l", 900, 80, 6);
    try (var harness = harness(null)) {
      feed(harness, facts);
      tick(harness);
    }
    ValueModelVersion straight = of("l");
    List<CampaignFact> shuffled = new ArrayList<>(facts);
    Collections.shuffle(shuffled, new Random(3));
    OperatorSubtaskState checkpoint;
    try (var harness = harness(null)) {
      feed(harness, shuffled.subList(0, 400));
      tick(harness);
      checkpoint = harness.snapshot(1, 1);
      feed(harness, shuffled.subList(400, 600));
    }
    try (var harness = harness(checkpoint)) {
      feed(harness, shuffled.subList(400, shuffled.size()));
      tick(harness);
    }
    assertThat(of("l").modelVersion()).isEqualTo(straight.modelVersion());
    assertThat(of("l").clickMillis()).isEqualTo(straight.clickMillis());
  }

  @Test
  void whatWasCountedBeforeARestartIsPublishedAfterIt() throws Exception {
    OperatorSubtaskState checkpoint;
    try (var harness = harness(null)) {
      feed(harness, campaign("l", 900, 80, 6));
      checkpoint = harness.snapshot(1, 1);
      tick(harness);
    }
    ValueModelVersion straight = of("l");
    published.clear();
    try (var harness = harness(checkpoint)) {
      // Nothing more comes of this campaign.
      tick(harness);
    }
    assertThat(of("l").modelVersion()).isEqualTo(straight.modelVersion());
    assertThat(of("l").decidedAt()).isEqualTo(straight.decidedAt());
  }

  @Test
  void aCampaignExpiresAWeekAfterItsLastFact() throws Exception {
    try (var harness = harness(null)) {
      feed(harness, campaign("l", 10, 1, 0));
      tick(harness);
      feed(harness, List.of(fact("l", Kind.CLICKED, 2_000)));
      harness.processWatermark1(new Watermark((START + 7 * 1_440 + 15) * MINUTE));
      assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
      harness.processWatermark1(new Watermark((START + 7 * 1_440 + 2_000) * MINUTE));
      assertThat(harness.numKeyedStateEntries()).isZero();
      tick(harness);
    }
  }

  private ValueModelVersion of(String list) {
    return published.stream()
        .filter(each -> each.listId().equals(list))
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
