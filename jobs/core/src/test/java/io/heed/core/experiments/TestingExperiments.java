package io.heed.core.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Experiments and events for tests. */
final class TestingExperiments {
  static final long START = Instant.parse("2026-03-02T00:00:00Z").toEpochMilli();
  static final long HOUR = 3_600_000L;
  static final long DAY = 24 * HOUR;

  /** Two variants, clicks within a day, opt-outs as guardrail. */
  static final String TWO_ARMS = document("two-arms");

  private TestingExperiments() {}

  private static String document(String name) {
    try {
      return Files.readString(Path.of("src/test/resources/documents", name + ".yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One experiment as it is evaluated time after time. */
  static final class Trail {
    final ExperimentEvaluator evaluator;
    ExperimentProgress progress = ExperimentProgress.START;
    private Totals last = Totals.NONE;

    Trail(ExperimentPlan plan) {
      evaluator = new ExperimentEvaluator(plan);
    }

    /** Evaluates counts that include those of the evaluations before. */
    ExperimentStatus look(Totals cumulative, long instant) {
      Totals change = cumulative.plus(last.negated());
      last = cumulative;
      return add(instant, change, instant);
    }

    /** Evaluates with a change that counts from a step on, which may have passed. */
    ExperimentStatus add(long step, Totals change, long instant) {
      progress =
          progress.with(new TreeMap<>(Map.of(step, change))).evaluated(evaluator, instant, instant);
      return progress.status();
    }

    Totals last() {
      return last;
    }

    ExperimentReport report() {
      return new ExperimentReport(evaluator, progress);
    }
  }

  static ExperimentConfig config(String document) {
    try {
      return ExperimentReader.parse("test.yaml", document);
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  static ExperimentPlan plan(String document) {
    return ExperimentPlan.of(config(document), "hash");
  }

  static ConfigVersion version(String document, String hash, long effectiveFrom) {
    return new ConfigVersion(
        "experiment", config(document).id(), hash, effectiveFrom, effectiveFrom, document);
  }

  static ExperimentPlans plans(String... documents) {
    ExperimentPlans plans = new ExperimentPlans(HOUR, 20 * DAY);
    try {
      for (String document : documents) {
        plans.add(version(document, "hash-" + document.hashCode(), START));
      }
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
    return plans;
  }

  static Event send(String recipient, long at, String experiment, String variant) {
    return new Send(
        "s" + recipient + at,
        at,
        recipient,
        "m" + recipient + at,
        "campaign",
        "list",
        io.heed.core.model.Category.PROMOTIONAL,
        experiment,
        variant,
        null,
        null,
        null,
        null,
        1,
        0,
        null,
        null);
  }

  static Event assignment(String recipient, long at, String experiment, String variant) {
    return new Assignment("a" + recipient + at, at, recipient, experiment, variant, null);
  }

  static Event click(String recipient, long at) {
    return new Click("c" + recipient + at, at, recipient, null, null, null, null, null);
  }

  static Event clickWithAgent(String recipient, long at, String agent) {
    return new Click("c" + recipient + at, at, recipient, "m", null, null, agent, null);
  }

  static Event reply(String recipient, long at, String body) {
    return new io.heed.core.model.Reply("r" + recipient + at, at, recipient, null, body);
  }

  static Event optOut(String recipient, long at) {
    return new OptOut("o" + recipient + at, at, recipient, "list", OptOutMethod.KEYWORD, null);
  }

  static Event purchase(String recipient, long at, String id, long micros) {
    return new Conversion("p" + id, at, recipient, id, ConversionKind.PURCHASE, micros, null);
  }

  static Event refund(String recipient, long at, String id, long micros) {
    return new Conversion("r" + id, at, recipient, id, ConversionKind.REFUND, micros, null);
  }
}
