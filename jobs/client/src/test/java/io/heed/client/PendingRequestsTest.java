package io.heed.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class PendingRequestsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final PendingRequests pending = new PendingRequests();

  @Test
  void allWhoWaitGetTheVerdict() {
    CompletableFuture<SendVerdict> first = pending.await("q", "r", LONG);
    CompletableFuture<SendVerdict> second = pending.await("q", "r", LONG);
    pending.take(verdict("s"));
    assertThat(first).as("another's").isNotDone();
    pending.take(verdict("r"));
    assertThat(first).isCompletedWithValue(verdict("r"));
    assertThat(second).isCompletedWithValue(verdict("r"));
    assertThat(pending.size()).isZero();
    assertThat(pending.await("q", "r", LONG)).as("once more").isNotDone();
  }

  @Test
  void whoGivesUpTakesNobodysVerdictAway() {
    CompletableFuture<SendVerdict> impatient = pending.await("q", "r", Duration.ofMillis(1));
    CompletableFuture<SendVerdict> patient = pending.await("q", "r", LONG);
    assertThatThrownBy(impatient::join).hasCauseInstanceOf(TimeoutException.class);
    pending.take(verdict("r"));
    assertThat(patient).isCompletedWithValue(verdict("r"));
    assertThat(pending.size()).isZero();
  }

  @Test
  void anotherRecipientsRequestReplacesTheFirst() {
    CompletableFuture<SendVerdict> first = pending.await("q", "r", LONG);
    CompletableFuture<SendVerdict> second = pending.await("q", "s", LONG);
    first.cancel(false);
    pending.take(verdict("s"));
    assertThat(second).isCompletedWithValue(verdict("s"));
    assertThat(pending.size()).isZero();
  }

  private static SendVerdict verdict(String recipient) {
    return new SendVerdict(
        "d",
        1,
        1,
        List.of(ReasonCode.WITHIN_POLICY),
        1,
        null,
        "q",
        recipient,
        Verdict.ALLOW,
        null,
        2L,
        null,
        null);
  }
}
