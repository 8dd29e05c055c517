package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PermissionTest {
  private static final long EXPIRES = 1_000;

  private final MessageRequest request =
      MessageRequest.promotional("r", "c", "l").requestId("q").region("US-NY").tags("t");

  private boolean open = true;
  private long now = EXPIRES - 1;

  @Test
  void onlyAnAllowThatHasNotExpiredHolds() {
    Permission allowed = permission(request, Verdict.ALLOW);
    assertThat(allowed.holds()).isTrue();
    assertThat(allowed.repeatAt()).isEmpty();
    now = EXPIRES;
    assertThat(allowed.holds()).isFalse();
    now = 0;
    assertThat(permission(request, Verdict.DEFER).holds()).isFalse();
    assertThat(permission(request, Verdict.DEFER).repeatAt()).contains(Instant.ofEpochMilli(77));
    assertThat(permission(request, Verdict.DENY).holds()).isFalse();
    assertThat(permission(request, Verdict.DENY).repeatAt()).isEmpty();
    Permission none = new Permission(request, null, "none in time", () -> open, () -> now);
    assertThat(none.holds()).isFalse();
    assertThat(none.problem()).contains("none in time");
    now = 60_000;
    assertThat(none.repeatAt()).as("once").contains(Instant.ofEpochMilli(5_000));
  }

  @Test
  void aPromotionalMessageNeedsAFreshHeartbeatAndAnOpenListUntilTheEnd() {
    Permission promotional = permission(request, Verdict.ALLOW);
    MessageRequest receipt = new MessageRequest(Category.TRANSACTIONAL, "r", "c", "l");
    Permission transactional = permission(receipt, Verdict.ALLOW);
    open = false;
    assertThat(promotional.holds()).isFalse();
    assertThat(promotional.repeatAt()).as("soon").contains(Instant.ofEpochMilli(EXPIRES + 4_999));
    assertThat(transactional.holds()).isTrue();
    now = EXPIRES;
    assertThat(promotional.repeatAt()).as("of an ALLOW that has expired").isEmpty();
  }

  @Test
  void theReportCarriesWhatTheVerdictGave() {
    Send send = permission(request, Verdict.ALLOW).sent("m1", 2, 15_800);
    assertThat(send.eventId()).isEqualTo("send:m1");
    assertThat(send.requestId()).isEqualTo("q");
    assertThat(send.variantId()).isEqualTo("b");
    assertThat(send.epoch()).isEqualTo(3);
    assertThat(send.tags()).containsExactly("t");
    assertThat(send.segments()).isEqualTo(2);
    assertThat(send.costMicros()).isEqualTo(15_800);
  }

  @Test
  void settingsThatTheContractNeedsAreNotTheUsers() {
    assertThatThrownBy(() -> new KafkaSettings(Map.of()))
        .hasMessage("bootstrap.servers: required, but missing");
    for (String own : List.of("acks", "partitioner.class", "enable.idempotence", "group.id")) {
      assertThatThrownBy(() -> new KafkaSettings(Map.of("bootstrap.servers", "a:1", own, "1")))
          .hasMessage(own + ": is set by Heed, remove it");
    }
    KafkaSettings kafka = new KafkaSettings(Map.of("bootstrap.servers", "a:1"));
    assertThat(kafka.producer(null))
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", true);
    assertThatThrownBy(() -> HeedClient.builder(kafka).freshness(Duration.ofSeconds(61)))
        .hasMessage("freshness: at most 60 s, for the contract says so");
  }

  private Permission permission(MessageRequest message, Verdict verdict) {
    SendVerdict given =
        new SendVerdict(
            "d",
            1,
            1,
            List.of(ReasonCode.WITHIN_POLICY),
            1,
            null,
            "q",
            "r",
            verdict,
            verdict == Verdict.DEFER ? 77L : null,
            EXPIRES,
            "b",
            3);
    return new Permission(message, given, null, () -> open, () -> now);
  }
}
