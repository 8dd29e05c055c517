package io.heed.core.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.DocumentKind;
import io.heed.core.experiments.ExperimentConfig.AssignedBy;
import io.heed.core.experiments.ExperimentConfig.OnInvalid;
import io.heed.core.model.ConversionKind;
import io.heed.core.rules.Cap;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads an experiment from its document, and finds every mistake in it. */
public final class ExperimentReader {
  /** Experiments among the kinds of documents. */
  public static final DocumentKind<ExperimentConfig> KIND =
      new DocumentKind<>(
          "experiment",
          "experiments/*.yaml",
          ExperimentReader::parse,
          ExperimentReader::refuse,
          (name, document) -> ConfigReader.warnings(name, document, ExperimentReader::read));

  /** Longest window of a metric: facts are kept for 35 days. */
  private static final Duration LONGEST_WINDOW = Duration.ofDays(30);

  private static final Duration DAY = Duration.ofDays(1);
  static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  static final String ID_ALLOWED =
      "up to 64 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit";
  private static final int MOST_VARIANTS = 10;
  private static final int MOST_METRICS = 20;
  private static final double LEAST_GUARDRAIL_EFFECT = 0.5;

  /** What can happen to a recipient several times. */
  private static final Set<MetricEvent> COUNTED =
      EnumSet.of(MetricEvent.CLICK, MetricEvent.REPLY, MetricEvent.CONVERSION);

  private ExperimentReader() {}

  /**
   * Reads a document.
   *
   * @throws ConfigException with every mistake
   */
  public static ExperimentConfig parse(String name, String document) throws ConfigException {
    return ConfigReader.read(name, document, ExperimentReader::read);
  }

  private static List<String> refuse(
      ExperimentConfig previous, Instant since, ExperimentConfig next, Instant now) {
    if (now.isBefore(previous.start())) {
      return List.of();
    }
    return previous
        .changedRule(next)
        .map(
            rule ->
                rule
                    + ": may not change after the start of the test, "
                    + previous.start()
                    + " (allowed: other weights, owner, hypothesis, audience, on_winner, on_invalid;"
                    + " for other rules a new experiment with an id of its own)")
        .stream()
        .toList();
  }

  static ExperimentConfig read(ConfigNode root) {
    String id = root.required("id").text(ID, ID_ALLOWED);
    if (id.equals(ProgrammeHoldout.EXPERIMENT)) {
      root.required("id").error("'" + id + "' is the programme's hold-out", "another id");
    }
    List<Variant> variants = variants(root.required("variants"));
    Holdout holdout = root.optional("holdout").map(ExperimentReader::holdout).orElse(null);
    List<String> arms = ExperimentConfig.arms(variants, holdout);
    root.optional("holdout")
        .filter(node -> arms.size() != Set.copyOf(arms).size())
        .ifPresent(node -> node.error("a variant has the hold-out's id", "another id"));
    String control =
        root.optional("control")
            .map(node -> node.oneOf(arms))
            .orElse(arms.isEmpty() ? "" : arms.get(variants.size() == 1 ? arms.size() - 1 : 0));
    boolean controlIsHoldout = holdout != null && control.equals(holdout.id());
    ConfigNode primary = root.required("primary_metric");
    Metric stated = metric(primary, true);
    Metric primaryMetric =
        root.has("covariate") && stated.type() == Metric.Type.BINARY ? stated.asMean() : stated;
    List<Metric> metrics =
        root.optional("metrics").map(n -> limited(n, m -> metric(m, false))).orElse(List.of());
    List<Guardrail> guardrails =
        root.optional("guardrails")
            .map(n -> limited(n, g -> guardrail(g, controlIsHoldout)))
            .orElse(List.of());
    ExperimentConfig config =
        new ExperimentConfig(
            id,
            root.required("owner").text(),
            root.required("hypothesis").text(),
            variants,
            holdout,
            control,
            root.optional("exclusion_group").map(n -> n.text(ID, ID_ALLOWED)).orElse(""),
            root.optional("audience").map(ExperimentReader::audience).orElse(Audience.ALL),
            primaryMetric,
            metrics,
            guardrails,
            decimal(root, "alpha", "0.0001", "0.2", 0.05),
            decimal(root, "power", "0.5", "0.99", 0.8),
            root.required("minimum_effect").decimal("0.001", "10").doubleValue(),
            decimal(root, "equivalence_margin", "0.0001", "0.9", 0),
            nonInferiorityMargin(primary),
            root.optional("covariate").map(ExperimentReader::covariate).orElse(0L),
            root.optional("design").map(ExperimentReader::design).orElse(new Design.OpenEnded()),
            root.required("start").instant(),
            root.optional("minimum_weeks").map(n -> (int) n.integer(0, 8)).orElse(0),
            root.optional("horizon")
                .map(n -> n.duration(Duration.ofMinutes(1), Duration.ofDays(365)))
                .map(Duration::toMillis)
                .orElse(Long.MAX_VALUE),
            root.optional("assigned_by")
                .map(n -> n.choice(AssignedBy.class))
                .orElse(AssignedBy.GATE),
            root.optional("on_invalid").map(n -> n.choice(OnInvalid.class)).orElse(OnInvalid.KEEP),
            root.optional("on_winner")
                .map(n -> n.oneOf(List.of("send-winner", "announce")).equals("send-winner"))
                .orElse(true),
            root.optional("evaluate_every")
                .map(n -> n.duration(Duration.ofSeconds(1), DAY))
                .orElse(Duration.ofHours(1))
                .toMillis(),
            root.optional("effective_from").map(ConfigNode::instant).orElse(null));
    if (root.valid()) {
      crossCheck(root, config, controlIsHoldout);
    }
    if (root.valid()) {
      ExperimentWarnings.add(root, config);
    }
    return config;
  }

  private static void crossCheck(ConfigNode root, ExperimentConfig config, boolean toHoldout) {
    if (config.competitors() < 2) {
      root.required("variants")
          .error("nothing to compare", "two variants, or a hold-out as the control");
    }
    double better =
        config.isNonInferiority()
                || config.primaryMetric().isMean()
                || config.primaryMetric().better().sign() < 0
            ? 0
            : config.primaryMetric().expectedBaseRate() * (1 + config.minimumEffect());
    if (better >= 1) {
      root.required("minimum_effect")
          .error(
              "a rate of %.1f %% that is better by %s %% would be %.1f %%"
                  .formatted(
                      100 * config.primaryMetric().expectedBaseRate(),
                      new BigDecimal(100 * config.minimumEffect(), new MathContext(3))
                          .stripTrailingZeros()
                          .toPlainString(),
                      100 * better),
              "an effect that leaves the rate below 100 %");
    }
    if (toHoldout && !config.primaryMetric().event().withoutMessage()) {
      root.required("primary_metric")
          .error(
              "recipients of a hold-out get no message, so that this outcome is not measured alike",
              "click, conversion");
    }
    if (config.primaryMetric().type() == Metric.Type.RATIO) {
      root.required("primary_metric")
          .error("a ratio is reported and does not decide", "binary, revenue, count");
    } else if (config.primaryMetric().isMean() && config.primaryMetric().expectedMean() <= 0) {
      root.required("primary_metric")
          .error("nothing is expected of it", "an expected_value of more than 0");
    }
    if (config.isNonInferiority() && config.equivalenceMargin() > 0) {
      root.required("equivalence_margin")
          .error("a test of non-inferiority ends by its margin", "leave it out");
    }
    if (config.isNonInferiority() && config.design() instanceof Design.Bandit) {
      root.required("design").error("a bandit seeks the best variant", "open-ended, planned-list");
    }
    Set<String> names = new HashSet<>();
    for (Metric metric : config.allMetrics()) {
      if (!names.add(metric.name())) {
        root.error("two metrics are named '" + metric.name() + "'", "a 'name' for one of them");
      }
    }
    if (config.design() instanceof Design.Bandit bandit
        && bandit.floor() * config.variants().size() >= 1) {
      root.required("design").error("the floors leave nothing to share out", "a smaller floor");
    }
    if (config.covariateWindowMillis() > 0 && !COUNTED.contains(config.primaryMetric().event())) {
      root.required("covariate")
          .error(
              "who has a message now says nothing of this outcome before",
              "a primary metric of click, reply or conversion");
    }
  }

  private static <T> List<T> limited(ConfigNode node, Function<ConfigNode, T> element) {
    List<T> list = node.list(element);
    if (list.size() > MOST_METRICS) {
      node.error(list.size() + " elements", "up to " + MOST_METRICS);
    }
    return list;
  }

  private static List<Variant> variants(ConfigNode node) {
    List<Variant> variants = node.list(ExperimentReader::variant);
    if (node.valid()) {
      if (variants.isEmpty() || variants.size() > MOST_VARIANTS) {
        node.error(variants.size() + " variants", "1 to " + MOST_VARIANTS);
      }
      Set<String> ids = new HashSet<>();
      variants.forEach(
          variant -> {
            if (!ids.add(variant.id())) {
              node.error("two variants are named '" + variant.id() + "'", "one id each");
            }
          });
    }
    return variants;
  }

  private static Variant variant(ConfigNode node) {
    return new Variant(
        node.required("id").text(ID, ID_ALLOWED),
        node.required("weight").decimal("0.000001", "1000000").doubleValue(),
        node.optional("description").map(ConfigNode::text).orElse(""),
        node.optional("send_at").map(ConfigNode::timeOfDay).orElse(null),
        node.optional("caps").map(n -> limited(n, Cap::read)).orElse(List.of()));
  }

  private static Holdout holdout(ConfigNode node) {
    return node.isObject()
        ? new Holdout(
            node.optional("id").map(n -> n.text(ID, ID_ALLOWED)).orElse("holdout"),
            share(node.required("share")))
        : new Holdout("holdout", share(node));
  }

  private static double share(ConfigNode node) {
    return node.decimal("0.0001", "0.9999").doubleValue();
  }

  private static Audience audience(ConfigNode node) {
    return new Audience(texts(node, "lists"), texts(node, "tags"));
  }

  private static Set<String> texts(ConfigNode node, String name) {
    return node.optional(name).map(n -> Set.copyOf(n.list(ConfigNode::text))).orElse(Set.of());
  }

  /** The margin of a primary metric whose goal is non-inferiority; else 0. */
  private static double nonInferiorityMargin(ConfigNode primary) {
    boolean nonInferior =
        primary
            .optional("goal")
            .map(n -> n.oneOf(List.of("better", "non-inferior")).equals("non-inferior"))
            .orElse(false);
    if (nonInferior) {
      return primary.required("margin").decimal("0.001", "0.9").doubleValue();
    }
    primary.optional("margin").ifPresent(n -> n.error("has no use", "goal: non-inferior"));
    return 0;
  }

  private static Metric metric(ConfigNode node, boolean primary) {
    MetricEvent event = node.required("event").choice(MetricEvent.class);
    Metric.Type type =
        node.optional("type").map(n -> n.choice(Metric.Type.class)).orElse(Metric.Type.BINARY);
    if (!primary) {
      for (String name : List.of("goal", "margin")) {
        node.optional(name).ifPresent(n -> n.error("this metric does not decide", "leave it out"));
      }
    }
    ConfigNode rate = node.optional("expected_base_rate").orElse(null);
    if (rate == null && primary) {
      rate = node.required("expected_base_rate");
    }
    double expected =
        rate == null ? event.typicalRate() : rate.decimal("0.000001", "0.999").doubleValue();
    return metric(node, event, type, expected);
  }

  private static Metric metric(
      ConfigNode node, MetricEvent event, Metric.Type type, double expectedBaseRate) {
    boolean money = type == Metric.Type.REVENUE || type == Metric.Type.RATIO;
    if (money && event != MetricEvent.CONVERSION) {
      node.required("type").error("only conversions have revenue", "binary, count");
    }
    if (type == Metric.Type.COUNT && !COUNTED.contains(event)) {
      node.required("type")
          .error("happens once to a recipient", "count of click, reply or conversion");
    }
    long value =
        type == Metric.Type.REVENUE || type == Metric.Type.COUNT
            ? node.required("expected_value").micros()
            : optionalMicros(node, "expected_value");
    return new Metric(
        node.optional("name").map(n -> n.text(ID, ID_ALLOWED)).orElse(event.fileName()),
        event,
        kinds(node, event),
        type,
        per(node, type),
        node.required("window").duration(Duration.ofSeconds(1), LONGEST_WINDOW).toMillis(),
        expectedBaseRate,
        value,
        node.optional("expected_deviation").map(ConfigNode::micros).orElse(value),
        cap(node, money));
  }

  /** What the revenue of a ratio is divided by. */
  private static MetricEvent per(ConfigNode node, Metric.Type type) {
    if (type != Metric.Type.RATIO) {
      node.optional("per").ifPresent(n -> n.error("only a ratio has it", "type: ratio"));
      return null;
    }
    ConfigNode per = node.required("per");
    MetricEvent event = per.choice(MetricEvent.class);
    if (per.valid() && event != MetricEvent.CLICK && event != MetricEvent.REPLY) {
      per.error("revenue is not divided by this", "click, reply");
    }
    return event;
  }

  private static long cap(ConfigNode node, boolean money) {
    return node.optional("cap_value")
        .map(
            n -> {
              long cap = n.micros();
              if (!money) {
                n.error("only revenue is capped", "type: revenue or ratio");
              } else if (n.valid() && cap == 0) {
                n.error("caps everything", "an amount of more than 0");
              }
              return cap;
            })
        .orElse(Long.MAX_VALUE);
  }

  private static long optionalMicros(ConfigNode node, String name) {
    return node.optional(name).map(ConfigNode::micros).orElse(0L);
  }

  private static Set<ConversionKind> kinds(ConfigNode metric, MetricEvent event) {
    List<String> names =
        Arrays.stream(ConversionKind.values())
            .filter(kind -> kind != ConversionKind.REFUND)
            .map(Enum::name)
            .toList();
    Optional<ConfigNode> node = metric.optional("kinds");
    if (event != MetricEvent.CONVERSION) {
      node.ifPresent(n -> n.error("only conversions have kinds", "event: conversion"));
      return Set.of();
    }
    return node.map(n -> constants(n.list(kind -> kind.oneOf(names))))
        .filter(given -> !given.isEmpty())
        .<Set<ConversionKind>>map(EnumSet::copyOf)
        .orElseGet(() -> EnumSet.complementOf(EnumSet.of(ConversionKind.REFUND)));
  }

  private static List<ConversionKind> constants(List<String> names) {
    return names.stream().filter(name -> !name.isEmpty()).map(ConversionKind::valueOf).toList();
  }

  private static Guardrail guardrail(ConfigNode node, boolean controlIsHoldout) {
    ConfigNode eventNode = node.required("event");
    MetricEvent event = eventNode.choice(MetricEvent.class);
    if (controlIsHoldout && !event.withoutMessage()) {
      eventNode.error(
          "the control gets no message, so that this outcome is not measured alike",
          "click, conversion");
    }
    Metric metric =
        new Metric(
            node.optional("name").map(n -> n.text(ID, ID_ALLOWED)).orElse(event.fileName()),
            event,
            kinds(node, event),
            Metric.Type.BINARY,
            null,
            node.optional("window")
                .map(n -> n.duration(Duration.ofSeconds(1), LONGEST_WINDOW))
                .orElse(DAY)
                .toMillis(),
            decimal(node, "expected_base_rate", "0.000001", "0.999", event.typicalRate()),
            0,
            0,
            Long.MAX_VALUE);
    return new Guardrail(
        metric,
        decimal(node, "margin", "0.001", "10", 0.25),
        decimal(node, "minimum_effect", "0.001", "10", LEAST_GUARDRAIL_EFFECT),
        node.optional("mode").map(n -> n.choice(Guardrail.Mode.class)).orElse(Guardrail.Mode.VETO));
  }

  private static long covariate(ConfigNode node) {
    return node.required("window").duration(Duration.ofHours(1), LONGEST_WINDOW).toMillis();
  }

  private static Design design(ConfigNode node) {
    List<String> types = List.of("open-ended", "planned-list", "bandit");
    if (!node.isObject()) {
      String type = node.oneOf(types);
      if (type.equals("planned-list")) {
        node.error("a planned list needs its size", "an object with type, size, looks, ...");
      }
      return type.equals("bandit")
          ? new Design.Bandit(DAY.toMillis(), 0.01)
          : new Design.OpenEnded();
    }
    return switch (node.required("type").oneOf(types)) {
      case "planned-list" ->
          new Design.PlannedList(
              node.required("size").integer(100, 10_000_000_000L),
              (int) node.optional("looks").map(n -> n.integer(2, 50)).orElse(10L).longValue(),
              node.optional("spending")
                  .map(n -> n.choice(Design.Spending.class))
                  .orElse(Design.Spending.QUADRATIC),
              decimal(node, "test_share", "0.001", "1", 1),
              node.optional("remainder").flatMap(ExperimentReader::waitUntil).orElse(null));
      case "bandit" ->
          new Design.Bandit(
              node.optional("reallocate_every")
                  .map(n -> n.duration(Duration.ofSeconds(1), Duration.ofDays(30)))
                  .orElse(DAY)
                  .toMillis(),
              decimal(node, "floor", "0.001", "0.5", 0.01));
      default -> new Design.OpenEnded();
    };
  }

  private static Optional<Instant> waitUntil(ConfigNode node) {
    node.optional("otherwise").ifPresent(n -> n.oneOf(List.of("control")));
    return node.optional("wait_until").map(ConfigNode::instant);
  }

  private static double decimal(
      ConfigNode node, String name, String least, String most, double orElse) {
    return node.optional(name)
        .map(n -> n.decimal(least, most))
        .map(BigDecimal::doubleValue)
        .orElse(orElse);
  }
}
