package io.heed.sim;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.model.Assignment;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Effects.Effect;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is true about all that was published: results are right if they are the same. Knows what
 * every record is (see {@link Nature}), which a reader of the records has to find out.
 */
public final class Truth {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final Simulation simulation;
  private final Scenario scenario;
  private final Counts events = new Counts();
  private final Counts late = new Counts();
  private final Counts duplicates = new Counts();
  private final Counts broken = new Counts();
  private final Map<ConversionKind, Money> conversions = new EnumMap<>(ConversionKind.class);
  private final ListHealthTruth listHealth = new ListHealthTruth();
  private final Map<String, Map<String, Arm>> arms = new HashMap<>();

  private static final class Counts {
    private final Map<Topic, Long> byTopic = new EnumMap<>(Topic.class);

    void add(Topic topic) {
      byTopic.merge(topic, 1L, Long::sum);
    }

    long total() {
      return byTopic.values().stream().mapToLong(Long::longValue).sum();
    }

    /** By the name that the warehouse gives the type. */
    Map<String, Long> byType() {
      Map<String, Long> byType = new TreeMap<>();
      byTopic.forEach((topic, count) -> byType.put(topic.shortName(), count));
      return byType;
    }
  }

  /** A variant's first exposure of a recipient. */
  private record Arm(String variant, long since) {}

  /** How many conversions, worth how much. */
  public record Money(long count, long revenueMicros) {
    private Money plus(Money other) {
      return new Money(count + other.count, revenueMicros + other.revenueMicros);
    }
  }

  /**
   * What is true about one variant.
   *
   * @param recipients first assigned to it
   * @param effect what its texts did beyond what people do anyway; zero for a hold-out
   * @param clickFactor on the propensity to click, relative to the campaign's texts
   */
  public record VariantTruth(
      String experimentId,
      String variantId,
      long recipients,
      Effect effect,
      double clickFactor,
      double purchaseFactor,
      double optOutFactor) {}

  /**
   * The truth as it is written to a file.
   *
   * @param run what all ids of the run have in them
   * @param published records, duplicates and broken ones included
   * @param events rows that the events have, by type
   * @param late those of them that are older than the horizon
   * @param deadLetters broken records, by type
   * @param listHealth totals of each list (campaign empty) and each campaign
   * @param netRevenueMicros purchases less refunds
   * @param sendsOnRequest texts after the history, each held against the decisions
   */
  public record Summary(
      String scenario,
      long seed,
      String run,
      long historyFrom,
      long start,
      long published,
      Map<String, Long> events,
      Map<String, Long> late,
      Map<String, Long> duplicates,
      Map<String, Long> deadLetters,
      Map<ConversionKind, Money> conversions,
      long netRevenueMicros,
      List<ListHealthTruth.Row> listHealth,
      List<VariantTruth> experiments,
      long sendsOnRequest,
      long sendsAgainstADecision) {

    public void write(Path file) throws IOException {
      Files.write(file, JSON.writeValueAsBytes(this));
    }
  }

  public Truth(Simulation simulation, Scenario scenario) {
    this.simulation = simulation;
    this.scenario = scenario;
  }

  /** Records what was published. */
  public void published(Arrival arrival) {
    switch (arrival.nature()) {
      case BROKEN -> broken.add(arrival.topic());
      case DUPLICATE -> duplicates.add(arrival.topic());
      case TOO_LATE -> {
        events.add(arrival.topic());
        late.add(arrival.topic());
      }
      default -> {
        events.add(arrival.topic());
        listHealth.see(arrival.event(), arrival.nature());
        see(arrival.event());
      }
    }
  }

  /** Records an event that another system has published, such as a hold-out's assignment. */
  public void publishedByOthers(Event event) {
    events.add(Arrival.topicOf(event));
    see(event);
  }

  private void see(Event event) {
    if (event instanceof Conversion conversion) {
      conversions.merge(conversion.kind(), new Money(1, conversion.revenueMicros()), Money::plus);
    } else if (event instanceof Send send) {
      if (send.experimentId() != null) {
        expose(send.experimentId(), send.recipientId(), send.variantId(), send.eventTime());
      }
    } else if (event instanceof Assignment assignment) {
      expose(
          assignment.experimentId(),
          assignment.recipientId(),
          assignment.variantId(),
          assignment.eventTime());
    }
  }

  private void expose(String experiment, String recipient, String variant, long at) {
    arms.computeIfAbsent(experiment, e -> new HashMap<>())
        .merge(recipient, new Arm(variant, at), (a, b) -> a.since <= b.since ? a : b);
  }

  /** Rows that the events must have by now. */
  public long rows() {
    return events.total();
  }

  /** Dead letters that there must be by now. */
  public long deadLetters() {
    return broken.total();
  }

  /** The truth by now. */
  public Summary summary() {
    long net =
        conversions.getOrDefault(ConversionKind.PURCHASE, new Money(0, 0)).revenueMicros()
            - conversions.getOrDefault(ConversionKind.REFUND, new Money(0, 0)).revenueMicros();
    return new Summary(
        scenario.id(),
        scenario.seed(),
        simulation.run(),
        simulation.start() - scenario.history().toMillis(),
        simulation.start(),
        events.total() + duplicates.total() + broken.total(),
        events.byType(),
        late.byType(),
        duplicates.byType(),
        broken.byType(),
        new TreeMap<>(conversions),
        net,
        listHealth.rows(),
        experiments(),
        simulation.sendsOnRequest(),
        simulation.sendsAgainstADecision());
  }

  private List<VariantTruth> experiments() {
    List<VariantTruth> truths = new ArrayList<>();
    for (Experiment experiment : scenario.experiments()) {
      Map<String, Long> recipients = new HashMap<>();
      arms.getOrDefault(experiment.id(), Map.of())
          .values()
          .forEach(arm -> recipients.merge(arm.variant, 1L, Long::sum));
      for (Variant variant : experiment.variants()) {
        truths.add(truth(experiment, variant, recipients));
      }
      if (experiment.holdOut() > 0) {
        truths.add(truth(experiment, new Variant(Experiment.HOLD_OUT, 0, 0, 0, 0, 0), recipients));
      }
    }
    return truths;
  }

  private VariantTruth truth(Experiment experiment, Variant variant, Map<String, Long> recipients) {
    return new VariantTruth(
        experiment.id(),
        variant.id(),
        recipients.getOrDefault(variant.id(), 0L),
        simulation.effects().of(experiment.id(), variant.id()),
        variant.click(),
        variant.purchase(),
        variant.optOut());
  }
}
