package io.heed.cli.webhooks;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** How many callbacks had which outcome, since the start. Safe for concurrent use. */
public final class WebhookCounts {
  /** What became of a callback. */
  public enum Outcome {
    /** In Kafka. */
    ACCEPTED,
    /** The signature is wrong or missing. */
    REFUSED,
    /** It is no event, and a dead letter. */
    UNMAPPED,
    /** Too large, or not a POST. */
    INVALID,
    /** Kafka did not acknowledge, or too many are on their way; the vendor repeats it. */
    UNAVAILABLE
  }

  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();

  void count(String vendor, Outcome outcome) {
    String name =
        "vendor=\"%s\",outcome=\"%s\"".formatted(vendor, outcome.name().toLowerCase(Locale.ROOT));
    counts.computeIfAbsent(name, n -> new LongAdder()).increment();
  }

  /** The counts as Prometheus reads them. */
  public String text() {
    return "# TYPE heed_webhooks_total counter\n"
        + counts.entrySet().stream()
            .map(
                each ->
                    "heed_webhooks_total{%s} %d\n".formatted(each.getKey(), each.getValue().sum()))
            .collect(Collectors.joining());
  }
}
