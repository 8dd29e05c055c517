package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.Hash64;
import io.heed.core.optimizer.ValueVerdict.Cause;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private static final int DAYS = 20;
  private static final int TODAY = TestingList.FIRST_DAY + DAYS;
  private static final ValueModel MODEL =
      TestingList.model(
          TestingList.outcomes(1, DAYS, 0.35), DAYS, OptimiseSettings.uncapped(1, 10_000));
  private static final CampaignFactor GOOD = new CampaignFactor(2_000, 1_000, true);
  private static final CampaignFactor BAD = new CampaignFactor(50, 3_000, true);
  private final Optimizer optimizer = new Optimizer(new Exploration("salt"));

  private static PersonState tired(int messages) {
    PersonState person = PersonState.NEW;
    for (int i = 0; i < messages; i++) {
      person = person.withMessage(TODAY - i / 4, 50);
    }
    return person;
  }

  private Map<Cause, Integer> causes(CampaignFactor factor, PersonState person) {
    Map<Cause, Integer> causes = new EnumMap<>(Cause.class);
    for (int i = 0; i < 20_000; i++) {
      ValueVerdict verdict =
          optimizer.decide(MODEL, factor, person, Hash64.of("r" + i), Hash64.of("c"), TODAY, 0);
      causes.merge(verdict.cause(), 1, Integer::sum);
    }
    return causes;
  }

  @Test
  void wantedMessagesPassAndSomeAreWithheldByChance() {
    Map<Cause, Integer> causes = causes(GOOD, PersonState.NEW);
    assertThat(causes).containsOnlyKeys(Cause.PILOT, Cause.WANTED, Cause.WITHHELD);
    assertThat(causes.get(Cause.PILOT)).isBetween(520, 680);
    assertThat(causes.get(Cause.WITHHELD)).isBetween(320, 460);
  }

  @Test
  void unwantedMessagesWaitAndSomePassByChance() {
    Map<Cause, Integer> causes = causes(BAD, tired(12));
    assertThat(causes).containsOnlyKeys(Cause.PILOT, Cause.UNWANTED, Cause.EXPLORED);
    assertThat(causes.get(Cause.EXPLORED)).isBetween(150, 240);
  }

  @Test
  void everybodyElseWaitsForThePilot() {
    Map<Cause, Integer> causes = causes(new CampaignFactor(1000, 1000, false), PersonState.NEW);
    assertThat(causes).containsOnlyKeys(Cause.PILOT, Cause.PILOT_PENDING);
  }

  @Test
  void withoutAModelPlainCapsDecide() {
    ValueModel empty = ModelBuilder.initial(OptimiseSettings.uncapped(1, 10_000), TODAY);
    ValueVerdict verdict = optimizer.decide(empty, BAD, tired(20), 1, 2, TODAY, 0);
    assertThat(verdict.allowed()).isTrue();
    assertThat(verdict.cause()).isEqualTo(Cause.NO_MODEL);
  }

  @Test
  void waitsUntilTheMessageWouldBeAllowed() {
    PersonState person = tired(16);
    CampaignFactor factor = new CampaignFactor(1_500, 1_000, true);
    int next = Optimizer.nextDay(MODEL, factor, person, TODAY, 0);
    assertThat(next).isGreaterThan(TODAY);
    ValueVerdict before = verdictOf(factor, person, next - 1);
    ValueVerdict then = verdictOf(factor, person, next);
    assertThat(before.gainMicros()).isNegative();
    assertThat(then.gainMicros()).isNotNegative();
    assertThat(ValueSentence.of(before, next))
        .startsWith("This message would bring about ")
        .contains("% of a subscriber worth ", "Ask again on ");
    assertThat(Optimizer.nextDay(MODEL, BAD, person, TODAY, 0)).isEqualTo(-1);
  }

  private ValueVerdict verdictOf(CampaignFactor factor, PersonState person, int day) {
    for (long recipient = 0; ; recipient++) {
      ValueVerdict verdict = optimizer.decide(MODEL, factor, person, recipient, 2, day, 0);
      if (verdict.cause() == Cause.WANTED || verdict.cause() == Cause.UNWANTED) {
        return verdict;
      }
    }
  }

  @Test
  void aCampaignsFactorFollowsItsClicksWithinMinutes() {
    CampaignTally tally = new CampaignTally(List.of("kind-0"));
    DelayCurve delays = new DelayCurve();
    for (int i = 0; i < 2_000; i++) {
      delays.add(i % 20);
      tally.addMessage(1_000, 50_000, 4_000);
    }
    for (int i = 0; i < 150; i++) {
      tally.addClicker();
    }
    // After 5 of 20 minutes a quarter of 100 clicks was due, and 150 came.
    int early = MODEL.factor(tally, delays, 1_005).clickMillis();
    int late = MODEL.factor(tally, delays, 3_000).clickMillis();
    assertThat(early).isGreaterThan(late);
    assertThat(late).isBetween(1_050, 1_600);
  }
}
