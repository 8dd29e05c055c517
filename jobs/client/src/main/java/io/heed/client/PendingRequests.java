package io.heed.client;

import io.heed.core.model.SendVerdict;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Requests that wait for their verdict; several callers may wait for that of one. Safe for
 * concurrent use.
 */
final class PendingRequests {
  /** One request, or the same one several times at once. */
  private record Pending(String recipient, CompletableFuture<SendVerdict> verdict, int waiting) {}

  private final Map<String, Pending> byId = new ConcurrentHashMap<>();

  /**
   * Waits for the verdict of a request. Each caller has its own timeout.
   *
   * @return fails with a {@link java.util.concurrent.TimeoutException}
   */
  CompletableFuture<SendVerdict> await(String requestId, String recipient, Duration timeout) {
    CompletableFuture<SendVerdict> shared =
        byId.compute(
                requestId,
                (id, before) ->
                    before != null
                            && before.recipient().equals(recipient)
                            && !before.verdict().isDone()
                        ? new Pending(recipient, before.verdict(), before.waiting() + 1)
                        : new Pending(recipient, new CompletableFuture<>(), 1))
            .verdict();
    CompletableFuture<SendVerdict> mine =
        shared.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    // Its outcome is the verdict's.
    var unused = mine.whenComplete((verdict, e) -> leave(requestId, shared));
    return mine;
  }

  private void leave(String requestId, CompletableFuture<SendVerdict> verdict) {
    byId.computeIfPresent(
        requestId,
        (id, now) -> {
          if (now.verdict() != verdict) {
            return now;
          }
          return now.waiting() == 1
              ? null
              : new Pending(now.recipient(), verdict, now.waiting() - 1);
        });
  }

  /** Gives a verdict to all who wait for it. */
  void take(SendVerdict verdict) {
    Pending pending = byId.get(verdict.requestId());
    if (pending != null && pending.recipient().equals(verdict.recipientId())) {
      pending.verdict().complete(verdict);
    }
  }

  /** How many requests somebody waits for. */
  int size() {
    return byId.size();
  }
}
