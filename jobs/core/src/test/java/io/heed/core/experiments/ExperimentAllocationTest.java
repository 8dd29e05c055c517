package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.DAY;
import static io.heed.core.experiments.TestingExperiments.START;
import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.plans;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.Kind;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.model.Category;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExperimentAllocationTest {
  private static final int RECIPIENTS = 20_000;
  private static final String PLANNED =
      TWO_ARMS
          + """
          design:
            type: planned-list
            size: 20000
            test_share: 0.25
            remainder: {wait_until: 2026-03-03T12:00:00Z}
          """;

  @Test
  void sharesAreThoseOfTheFileAndTheDrawIsStable() {
    ExperimentPlans plans =
        plans(TWO_ARMS.replaceFirst("weight: 1", "weight: 3") + "holdout: 0.2\n");
    Map<String, Integer> drawn = new HashMap<>();
    for (int i = 0; i < RECIPIENTS; i++) {
      Draw draw = draw(plans, null, "r" + i, List.of(), START);
      drawn.merge(draw.variantId(), 1, Integer::sum);
      assertThat(draw).isEqualTo(draw(plans, null, "r" + i, List.of(), START + DAY));
      assertThat(draw.kind() == Kind.HOLDOUT).isEqualTo(draw.variantId().equals("holdout"));
      assertThat(draw.test()).isTrue();
    }
    assertThat(drawn.get("control") / (double) RECIPIENTS).isCloseTo(0.6, within(0.015));
    assertThat(drawn.get("offer") / (double) RECIPIENTS).isCloseTo(0.2, within(0.015));
    assertThat(drawn.get("holdout") / (double) RECIPIENTS).isCloseTo(0.2, within(0.015));
  }

  @Test
  void experimentsSplitIndependently() {
    ExperimentPlans plans = plans(TWO_ARMS, TWO_ARMS.replace("id: test", "id: other"));
    int both = 0;
    for (int i = 0; i < RECIPIENTS; i++) {
      String one = draw(plans, null, "r" + i, List.of(), START).variantId();
      SendRequest same = request("r" + i, "list", null, START);
      SendRequest other =
          new SendRequest(
              same.eventId(),
              START,
              same.recipientId(),
              "q",
              "campaign",
              "list",
              Category.PROMOTIONAL,
              "other",
              null,
              null,
              null,
              null,
              null);
      both +=
          one.equals(ExperimentAllocation.draw(plans, null, other, List.of()).variantId()) ? 1 : 0;
    }
    assertThat(both / (double) RECIPIENTS).isCloseTo(0.5, within(0.015));
  }

  @Test
  void whoHasAVariantKeepsItAlsoAfterTheDecision() {
    PriorAssignment prior = new PriorAssignment("test", "control", 0);
    Draw draw = draw(plans(TWO_ARMS), winner(), "r", List.of(prior), START + DAY);
    assertThat(draw).isEqualTo(new Draw(Kind.VARIANT, "control", 0, 0, true));
  }

  @Test
  void newRecipientsGetTheWinnerOutsideTheTest() {
    for (int i = 0; i < 100; i++) {
      Draw draw = draw(plans(TWO_ARMS), winner(), "r" + i, List.of(), START + DAY);
      assertThat(draw).isEqualTo(new Draw(Kind.VARIANT, "offer", 1, 0, false));
    }
  }

  /** The sending system assigns: nothing is drawn, and what a send has named is kept. */
  @Test
  void whereTheSenderAssignsNothingIsDrawn() {
    ExperimentPlans plans = plans(TWO_ARMS + "assigned_by: sender\n");
    assertThat(draw(plans, null, "r", List.of(), START).kind()).isEqualTo(Kind.OUTSIDE);
    PriorAssignment seen = new PriorAssignment("test", "offer", 0);
    assertThat(draw(plans, null, "r", List.of(seen), START + DAY).variantId()).isEqualTo("offer");
    assertThat(draw(plans, winner(), "r", List.of(), START + DAY).variantId()).isEqualTo("offer");
    ExperimentDecision announced =
        decision(ExperimentState.WINNER, true, 0, Map.of("control", 0.5, "offer", 0.5));
    assertThat(draw(plans, announced, "r", List.of(), START + DAY).kind()).isEqualTo(Kind.OUTSIDE);
  }

  /** After a test against a hold-out nobody is held out for want of a decision. */
  @Test
  void theHoldOutIsNeverWhatEverybodyGets() {
    ExperimentPlans plans =
        plans(
            """
            id: test
            owner: o
            hypothesis: h
            variants: [{id: offer, weight: 1}]
            holdout: 0.5
            primary_metric: {event: click, window: 24h, expected_base_rate: 0.1}
            minimum_effect: 0.2
            start: 2026-03-02
            horizon: 1d
            """);
    PriorAssignment offered = new PriorAssignment("test", "offer", 0);
    ExperimentDecision harmed =
        decision(ExperimentState.STOPPED_HARM, true, 0, Map.of("offer", 0.5, "holdout", 0.5));
    for (int i = 0; i < 50; i++) {
      assertThat(draw(plans, null, "r" + i, List.of(), START + 2 * DAY).kind())
          .isEqualTo(Kind.OUTSIDE);
      assertThat(draw(plans, harmed, "r" + i, List.of(offered), START).kind())
          .isEqualTo(Kind.VARIANT);
    }
  }

  @Test
  void nobodyTakesPartInTwoTestsOfOneGroup() {
    String group = TWO_ARMS + "exclusion_group: welcome\n";
    ExperimentPlans plans =
        plans(
            group, group.replace("id: test", "id: same"), TWO_ARMS.replace("id: test", "id: free"));
    PriorAssignment same = new PriorAssignment("same", "offer", 0);
    PriorAssignment different = new PriorAssignment("free", "offer", 0);
    assertThat(draw(plans, null, "r", List.of(same), START).kind()).isEqualTo(Kind.OUTSIDE);
    assertThat(draw(plans, null, "r", List.of(different), START).kind()).isEqualTo(Kind.VARIANT);
  }

  @Test
  void beforeTheStartNobodyTakesPartAndAfterTheEndTheControlIsSent() {
    ExperimentPlans plans = plans(TWO_ARMS + "horizon: 2d\n");
    assertThat(draw(plans, null, "r", List.of(), START - 1).kind()).isEqualTo(Kind.OUTSIDE);
    assertThat(draw(plans, null, "r", List.of(), START + 2 * DAY))
        .isEqualTo(new Draw(Kind.VARIANT, "control", 1, 0, false));
  }

  @Test
  void theRemainderWaitsThenGetsTheWinnerOrTheControl() {
    ExperimentPlans plans = plans(PLANNED);
    long until = Instant.parse("2026-03-03T12:00:00Z").toEpochMilli();
    Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    for (int i = 0; i < RECIPIENTS; i++) {
      String recipient = "r" + i;
      Draw draw = draw(plans, null, recipient, List.of(), START);
      kinds.merge(draw.kind(), 1, Integer::sum);
      if (draw.kind() == Kind.WAIT) {
        assertThat(draw.notBefore()).isBetween(START + 1, until);
        assertThat(draw(plans, winner(), recipient, List.of(), START + DAY))
            .isEqualTo(new Draw(Kind.VARIANT, "offer", 1, 0, false));
        assertThat(draw(plans, null, recipient, List.of(), until))
            .isEqualTo(new Draw(Kind.VARIANT, "control", 1, 0, false));
      }
    }
    assertThat(kinds.get(Kind.VARIANT) / (double) RECIPIENTS).isCloseTo(0.25, within(0.015));
  }

  @Test
  void aBanditFollowsItsDecision() {
    ExperimentPlans plans = plans(TWO_ARMS + "design: bandit\n");
    ExperimentDecision moved =
        decision(ExperimentState.RUNNING, false, 4, Map.of("control", 0.1, "offer", 0.9));
    int offers = 0;
    for (int i = 0; i < RECIPIENTS; i++) {
      Draw draw = draw(plans, moved, "r" + i, List.of(), START + DAY);
      assertThat(draw.epoch()).isEqualTo(4);
      assertThat(draw.test()).isTrue();
      offers += draw.variantId().equals("offer") ? 1 : 0;
    }
    assertThat(offers / (double) RECIPIENTS).isCloseTo(0.9, within(0.015));
  }

  @Test
  void onlyTheAudienceTakesPart() {
    ExperimentPlans plans = plans(TWO_ARMS + "audience: {lists: [vip], tags: [new]}\n");
    assertThat(drawKind(plans, "vip", List.of("new", "x"))).isEqualTo(Kind.VARIANT);
    assertThat(drawKind(plans, "vip", null)).isEqualTo(Kind.OUTSIDE);
    assertThat(drawKind(plans, "deals", List.of("new"))).isEqualTo(Kind.OUTSIDE);
    assertThat(drawKind(plans(TWO_ARMS.replace("id: test", "id: other")), "vip", null))
        .isEqualTo(Kind.OUTSIDE);
  }

  @Test
  void harmIsWorthMoreThanConsistency() {
    ExperimentDecision harm =
        decision(ExperimentState.STOPPED_HARM, true, 1, Map.of("control", 1.0, "offer", 0.0));
    PriorAssignment offered = new PriorAssignment("test", "offer", 0);
    assertThat(draw(plans(TWO_ARMS), harm, "r", List.of(offered), START + DAY))
        .isEqualTo(new Draw(Kind.VARIANT, "control", 1, 0, false));
  }

  private static Kind drawKind(ExperimentPlans plans, String list, List<String> tags) {
    return ExperimentAllocation.draw(plans, null, request("r", list, tags, START), List.of())
        .kind();
  }

  private static Draw draw(
      ExperimentPlans plans,
      ExperimentDecision decision,
      String recipient,
      List<PriorAssignment> prior,
      long instant) {
    return ExperimentAllocation.draw(
        plans, decision, request(recipient, "list", null, instant), prior);
  }

  private static SendRequest request(
      String recipient, String list, List<String> tags, long instant) {
    return new SendRequest(
        "q" + recipient,
        instant,
        recipient,
        "q",
        "campaign",
        list,
        Category.PROMOTIONAL,
        "test",
        null,
        null,
        null,
        null,
        tags);
  }

  private static ExperimentDecision winner() {
    return decision(ExperimentState.WINNER, true, 1, Map.of("control", 0.0, "offer", 1.0));
  }

  private static ExperimentDecision decision(
      ExperimentState state, boolean isFinal, int epoch, Map<String, Double> allocation) {
    return new ExperimentDecision(
        "id",
        START,
        START,
        List.of(ReasonCode.COLLECTING),
        1,
        "hash",
        "test",
        state,
        null,
        isFinal,
        epoch,
        START,
        allocation,
        List.of(),
        List.of(),
        1.0,
        0,
        null,
        null,
        null);
  }
}
