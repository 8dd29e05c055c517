package io.heed.core.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Signal;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.TestingModel;
import io.heed.core.optimizer.ValueModel;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignalRulesTest {
  private static final long DAY = 86_400_000L;
  private static final long START = 20_000 * DAY;
  private static final String PERSON = "Mozilla/5.0 (iPhone)";

  private final Engagement engagement = new Engagement();
  private int ids;

  /** The models that decide on lists, by list. */
  private final Map<String, ValueModel> byList = new HashMap<>();

  private final ListModels models =
      new ListModels() {
        @Override
        public ValueModel at(String list, long instant) {
          return byList.get(list);
        }

        @Override
        public long changeAfter(long instant) {
          return instant + DAY;
        }
      };

  private Map<Signal, HeldSignal> at(double day) {
    return SignalRules.at(engagement, time(day), models);
  }

  private static long time(double day) {
    return START + Math.round(day * DAY);
  }

  private boolean add(Event event) {
    return engagement.add(event);
  }

  private boolean sent(String message, double day, Category category) {
    return sent(message, day, category, "l");
  }

  private boolean sent(String message, double day, Category category, String list) {
    return add(
        new Send(
            "e" + ids++,
            time(day),
            "r",
            message,
            "c",
            list,
            category,
            null,
            null,
            null,
            null,
            null,
            null,
            1,
            0,
            null,
            null));
  }

  private boolean promoted(String message, double day) {
    return sent(message, day, Category.PROMOTIONAL);
  }

  private boolean receipt(String message, double day, DeliveryStatus status, String code) {
    return add(new Delivery("e" + ids++, time(day), "r", message, status, code, "twilio", null));
  }

  private boolean clicked(String message, long at, String agent) {
    return add(new Click("e" + ids++, at, "r", message, null, null, agent, null));
  }

  private boolean converted(double day, ConversionKind kind) {
    return add(new Conversion("e" + ids++, time(day), "r", "o" + ids, kind, 1, null));
  }

  private boolean replied(double day, String body) {
    return add(new Reply("e" + ids++, time(day), "r", null, body));
  }

  @Test
  void whoBoughtIsHotUntilTheScoreHasDecayed() {
    assertThat(at(0)).isEmpty();
    converted(0, ConversionKind.PURCHASE);
    HeldSignal hot = at(0).get(Signal.HOT);
    assertThat(hot.score()).isEqualTo(10);
    // 10 points are 6 after log2(10 / 6) halvings of 14 days.
    assertThat((hot.validUntil() - START) / (double) DAY).isBetween(10.317, 10.318);
    assertThat(hot.evidence()).startsWith("purchase: 1 in 90 days, the last at 2024-10-04");
    assertThat(SignalRules.at(engagement, hot.validUntil(), models)).containsKey(Signal.HOT);
    assertThat(SignalRules.at(engagement, hot.validUntil() + 1, models)).isEmpty();
    assertThat(at(3).get(Signal.HOT).validUntil()).isEqualTo(hot.validUntil());
    assertThat(at(-0.1)).isEmpty();
  }

  @Test
  void refundsScannersAndRevocationsAreNoIntent() {
    promoted("m", 0);
    assertThat(converted(0, ConversionKind.REFUND)).isFalse();
    assertThat(replied(0, "STOP")).isFalse();
    clicked("m", START + 500, PERSON);
    assertThat(clicked("m", START + 60_000, "Googlebot/2.1")).isFalse();
    assertThat(at(0.1)).isEmpty();
    assertThat(replied(0.1, "is it in stock?")).isTrue();
    assertThat(replied(0.1001, "in blue?")).isTrue();
    assertThat(at(0.1001).get(Signal.HOT).score()).isEqualTo(8);
    clicked("m", START + 90_000, PERSON);
    clicked("m", START + 95_000, null);
    assertThat(at(0.1001).get(Signal.HOT).score()).isBetween(9.98, 10.0);
  }

  @Test
  void aClickBeforeItsSendIsJudgedOnceThatIsKnown() {
    converted(0, ConversionKind.PURCHASE);
    clicked("m", START + 1_000, PERSON);
    assertThat(at(0.01).get(Signal.HOT).score()).isGreaterThan(11.9);
    promoted("m", 0);
    assertThat(at(0.01).get(Signal.HOT).score()).isLessThan(10.1);
  }

  @Test
  void nothingCountsTwice() {
    assertThat(promoted("m", 0)).isTrue();
    assertThat(promoted("m", 0)).isFalse();
    assertThat(converted(1, ConversionKind.PURCHASE)).isTrue();
    assertThat(converted(1, ConversionKind.PURCHASE)).isFalse();
    assertThat(receipt("m", 1, DeliveryStatus.DELIVERED, null)).isTrue();
    assertThat(receipt("m", 1, DeliveryStatus.DELIVERED, null)).isFalse();
    assertThat(clicked("m", START + 9_000, PERSON)).isTrue();
    assertThat(clicked("m", START + 9_000, PERSON)).isFalse();
  }

  @Test
  void whoIsTextedForSixtyDaysWithoutAResponseIsDormant() {
    promoted("a", 0);
    promoted("b", 30);
    assertThat(at(70)).isEmpty();
    promoted("c", 59);
    assertThat(at(59.9)).isEmpty();
    HeldSignal dormant = at(60).get(Signal.DORMANT);
    assertThat(dormant.evidence()).startsWith("3 promotional messages since 2024-10-04");
    // Message a ages out after 90 days, and b is more than 60 days old only then: two are left.
    assertThat(dormant.validUntil()).isEqualTo(time(90));
    assertThat(at(89.9)).containsKey(Signal.DORMANT);
    assertThat(at(90)).isEmpty();
    promoted("d", 80);
    assertThat(at(80).get(Signal.DORMANT).validUntil()).isEqualTo(time(120));
    clicked("a", time(85), null);
    assertThat(at(85).keySet()).doesNotContain(Signal.DORMANT);
    assertThat(at(84)).containsKey(Signal.DORMANT);
  }

  @Test
  void messagesThatFailedOrAreNotPromotionalMakeNobodyDormant() {
    promoted("a", 0);
    promoted("b", 30);
    sent("c", 59, Category.TRANSACTIONAL);
    assertThat(at(60)).isEmpty();
    promoted("d", 59);
    receipt("d", 59.1, DeliveryStatus.UNDELIVERED, "30003");
    assertThat(at(60)).isEmpty();
    receipt("d", 59.2, DeliveryStatus.DELIVERED, null);
    assertThat(at(60)).containsKey(Signal.DORMANT);
  }

  @Test
  void aNumberIsInvalidUntilAMessageIsDelivered() {
    promoted("a", 0);
    receipt("a", 0.1, DeliveryStatus.UNDELIVERED, "30003");
    assertThat(at(1)).isEmpty();
    receipt("a", 0.2, DeliveryStatus.UNDELIVERED, "30005");
    assertThat(at(1).get(Signal.INVALID_NUMBER).validUntil()).isEqualTo(time(90.2));
    assertThat(at(0.1)).isEmpty();
    assertThat(at(90.2)).isEmpty();
    promoted("b", 2);
    receipt("b", 2.1, DeliveryStatus.DELIVERED, null);
    assertThat(at(2.05)).containsKey(Signal.INVALID_NUMBER);
    assertThat(at(2.1)).isEmpty();
  }

  @Test
  void aMessageThatWasDeliveredAfterAllCallsNoNumberInvalid() {
    promoted("a", 0);
    receipt("a", 0.1, DeliveryStatus.DELIVERED, null);
    receipt("a", 0.2, DeliveryStatus.UNDELIVERED, "30005");
    assertThat(at(1)).isEmpty();
  }

  @Test
  void whatIsKeptIsBoundedAndReadBack() throws BinaryException {
    for (int i = 0; i < 300; i++) {
      promoted("m" + i, i / 10.0);
      receipt("m" + i, i / 10.0 + 0.01, DeliveryStatus.UNDELIVERED, "30005");
      clicked("m" + i, time(i / 10.0 + 0.02), i % 2 == 0 ? PERSON : null);
      replied(i / 10.0, "thanks");
    }
    engagement.published.put(Signal.HOT, time(40));
    engagement.timer(time(30));
    assertThat(engagement.evict()).isEqualTo(88);
    assertThat(engagement.evict()).isZero();
    byte[] bytes = EngagementCodec.write(engagement);
    assertThat(bytes).hasSizeLessThan(256 * 35 + 256 * 6 + 72);
    Engagement read = EngagementCodec.read(bytes);
    assertThat(EngagementCodec.write(read)).isEqualTo(bytes);
    assertThat(SignalRules.at(read, time(30), models)).isEqualTo(at(30)).hasSize(2);
    read.expire(time(100));
    assertThat(read.isEmpty()).isFalse();
    read.published.clear();
    assertThat(read.isEmpty()).isTrue();
  }

  private void dormantOn(String... lists) {
    for (int i = 0; i < 20; i++) {
      sent("x" + i, 3.0 * i, Category.PROMOTIONAL, lists[i % lists.length]);
    }
    promoted("x20", 60.5);
  }

  @Test
  void whoIsDormantAndCostsMoreThanAMessageBringsIsSunset() {
    dormantOn("l");
    assertThat(at(62)).containsOnlyKeys(Signal.DORMANT);
    engagement.count(time(62));
    // A message costs a cent, and one recipient in a hundred clicks or fewer.
    byList.put("l", TestingModel.of(100_000));
    HeldSignal sunset = at(62).get(Signal.SUNSET);
    assertThat(sunset.validUntil()).isEqualTo(at(62).get(Signal.DORMANT).validUntil());
    ValueModel model = byList.get("l");
    double brings = model.click(Cell.group(engagement.person), 0) * 100_000 / 1e6;
    assertThat(sunset.evidence())
        .startsWith("21 promotional messages since 2024-10-04")
        .endsWith(
            "; a message of list l costs 0.0100 and would bring about %.4f".formatted(brings));
    byList.put("l", TestingModel.of(100_000_000));
    assertThat(at(62)).containsOnlyKeys(Signal.DORMANT);
    clicked("x20", time(61), null);
    byList.put("l", TestingModel.of(100_000));
    assertThat(at(62)).isEmpty();
  }

  @Test
  void oneListThatIsWorthItsMessagesOrUnknownIsEnough() {
    dormantOn("l", "m");
    engagement.count(time(62));
    byList.put("l", TestingModel.of(100_000));
    assertThat(at(62)).containsOnlyKeys(Signal.DORMANT);
    byList.put("m", TestingModel.of(100_000_000));
    assertThat(at(62)).containsOnlyKeys(Signal.DORMANT);
    byList.put("m", TestingModel.of(110_000));
    // The list that comes nearest to its cost is the evidence.
    assertThat(at(62).get(Signal.SUNSET).evidence()).contains("of list m costs");
  }

  @Test
  void aDormantRecipientIsEvaluatedWheneverModelsMayChange() {
    dormantOn("l");
    // A day after, and not only when the next message ages out.
    assertThat(SignalRules.nextChange(engagement, at(61.2), time(61.2), models))
        .isEqualTo(time(62.2));
    clicked("x20", time(61.3), null);
    assertThat(SignalRules.nextChange(engagement, at(61.3), time(61.3), models))
        .isEqualTo(time(63));
  }

  private static byte[] bytes(PersonState person) {
    BinaryWriter out = new BinaryWriter();
    person.write(out);
    return out.toByteArray();
  }

  @Test
  void theClassOfAPersonIsThatOfAllMessagesAndClicksAlsoOfThoseThatExpired()
      throws BinaryException {
    promoted("a", 0);
    clicked("a", time(0.5), null);
    promoted("b", 1);
    sent("t", 1, Category.TRANSACTIONAL);
    engagement.count(time(0.2));
    assertThat(engagement.person.clicks()).isZero();
    engagement.count(time(2));
    engagement.count(time(2));
    promoted("c", 80);
    engagement.expire(time(75));
    engagement.person = EngagementCodec.read(EngagementCodec.write(engagement)).person;
    engagement.count(time(90));
    PersonState same = PersonState.NEW;
    for (int day : new int[] {0, 1, 80}) {
      same = same.withMessage(20_000 + day, PersonState.NOMINAL_CLICKS);
    }
    assertThat(bytes(engagement.person)).isEqualTo(bytes(same.withClick(20_000)));
  }
}
