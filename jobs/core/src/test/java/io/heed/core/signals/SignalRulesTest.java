package io.heed.core.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
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
import io.heed.core.signals.SignalRules.Held;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignalRulesTest {
  private static final long DAY = 86_400_000L;
  private static final long START = 20_000 * DAY;
  private static final String PERSON = "Mozilla/5.0 (iPhone)";

  private final Engagement engagement = new Engagement();
  private int ids;

  private Map<Signal, Held> at(double day) {
    return SignalRules.at(engagement, time(day));
  }

  private static long time(double day) {
    return START + Math.round(day * DAY);
  }

  private boolean add(Event event) {
    return engagement.add(event);
  }

  private boolean sent(String message, double day, Category category) {
    return add(
        new Send(
            "e" + ids++,
            time(day),
            "r",
            message,
            "c",
            "l",
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
    Held hot = at(0).get(Signal.HOT);
    assertThat(hot.score()).isEqualTo(10);
    // 10 points are 6 after log2(10 / 6) halvings of 14 days.
    assertThat((hot.validUntil() - START) / (double) DAY).isBetween(10.317, 10.318);
    assertThat(hot.evidence()).startsWith("purchase: 1 in 90 days, the last at 2024-10-04");
    assertThat(SignalRules.at(engagement, hot.validUntil())).containsKey(Signal.HOT);
    assertThat(SignalRules.at(engagement, hot.validUntil() + 1)).isEmpty();
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
    Held dormant = at(60).get(Signal.DORMANT);
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
    assertThat(bytes).hasSizeLessThan(256 * 32 + 256 * 6 + 40);
    Engagement read = EngagementCodec.read(bytes);
    assertThat(EngagementCodec.write(read)).isEqualTo(bytes);
    assertThat(SignalRules.at(read, time(30))).isEqualTo(at(30)).hasSize(2);
    read.expire(time(100));
    assertThat(read.isEmpty()).isFalse();
    read.published.clear();
    assertThat(read.isEmpty()).isTrue();
  }
}
