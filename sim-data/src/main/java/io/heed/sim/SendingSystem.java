package io.heed.sim;

import io.heed.core.experiments.ExperimentAllocation;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Decision;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.Variant;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The system that sends the texts. On its own it keeps to careful rules; with a send gate it
 * requests a verdict before each text, sends only what is allowed, and obeys every decision.
 */
final class SendingSystem {
  static final String OPT_OUT_CONFIRMATION = "opt_out_confirmation";

  private static final int MAX_PER_DAY = 1;
  private static final int MAX_PER_MONTH = 4;
  private static final int FIRST_HOUR = 12;
  private static final int LAST_HOUR = 16;
  private static final long TIMEOUT = Duration.ofMinutes(10).toMillis();
  private static final long SEGMENT_MICROS = 7_900;

  /** A request is in Kafka when its text follows. */
  private static final long REQUEST_AHEAD = 2_000;

  private final Programme programme;
  private final Agenda agenda;
  private final Courier courier;
  private final Ids ids;
  private final Consumer<Message> sent;

  private SendAudit audit;
  private boolean requestsBeside;
  private final Map<String, Request> open = new HashMap<>();
  private final Set<String> suppressed = new HashSet<>();

  private record Request(
      String id, Person person, Campaign campaign, Experiment experiment, List<String> tags) {}

  /**
   * @param sent takes every text that went out
   */
  SendingSystem(
      Programme programme, Agenda agenda, Courier courier, Ids ids, Consumer<Message> sent) {
    this.programme = programme;
    this.agenda = agenda;
    this.courier = courier;
    this.ids = ids;
    this.sent = sent;
  }

  /**
   * From now on every text is requested, and the audit watches as soon as the last text that went
   * by itself is out.
   */
  void requestFirst() {
    audit = new SendAudit(agenda.now() + REQUEST_AHEAD + 1);
  }

  /** A request goes before each text; whether it is sent does not depend on the verdict. */
  void requestBeside() {
    requestsBeside = true;
  }

  private boolean usesGate() {
    return audit != null;
  }

  /** Texts that went out on a verdict, as far as the audit watched. */
  long sentOnRequest() {
    return audit == null ? 0 : audit.watched();
  }

  /** Those of them that went out against a decision. */
  long breaches() {
    return audit == null ? 0 : audit.breaches();
  }

  /** Sends a campaign's text now, if it may; whether it went out or was requested. */
  boolean propose(Person person, Campaign campaign) {
    int list = programme.listOf(campaign);
    if (!person.isOn(list)
        || programme.happening(Scenario.IncidentKind.SILENCE, campaign.id(), agenda.now())) {
      return false;
    }
    Experiment experiment = programme.experimentOn(campaign, agenda.now());
    if (usesGate()) {
      submit(person, campaign, experiment, programme.tags(campaign));
      return true;
    }
    if (Programme.isPromotional(campaign) && !isIncluded(person, campaign, experiment)) {
      return false;
    }
    List<String> tags = programme.tags(campaign);
    if (experiment == null) {
      sendByItself(person, campaign, null, null, tags);
      return true;
    }
    Variant variant = draw(person, experiment);
    if (variant != null) {
      sendByItself(person, campaign, experiment, variant, tags);
      return true;
    }
    if (requestsBeside) {
      courier.post(request(new Request(ids.next('q'), person, campaign, experiment, tags)));
    }
    // The gate draws the same and writes it as well, but a while later, for days pass in a second.
    if (person.holdOut(programme.indexOf(experiment))) {
      courier.post(
          new Assignment(
              ids.next('e'), agenda.now(), person.id, experiment.id(), Experiment.HOLD_OUT, 0));
    }
    return true;
  }

  /** Sends what a person has requested: a confirmation of an opt-out, a reply to HELP. */
  void answer(Person person, Campaign list, Category category, String tag) {
    Campaign campaign =
        new Campaign(
            tag.replace('_', '-'), list.list(), category, null, 0, false, null, 0, 1, 0, 0, 0);
    if (usesGate()) {
      submit(person, campaign, null, List.of(tag));
    } else {
      sendByItself(person, campaign, null, null, List.of(tag));
    }
  }

  /** Whether a promotional text may go out now; one that a cap holds back may be requested. */
  private boolean isIncluded(Person person, Campaign campaign, Experiment experiment) {
    int hour = Instant.ofEpochMilli(agenda.now()).atZone(person.region.timeZone()).getHour();
    if (hour < FIRST_HOUR || hour > LAST_HOUR) {
      return false;
    }
    boolean capped =
        person.promotionalWithin(1, agenda.now()) >= MAX_PER_DAY
            || person.promotionalWithin(30, agenda.now()) >= MAX_PER_MONTH;
    if (capped && requestsBeside) {
      List<String> tags = programme.tags(campaign);
      courier.post(request(new Request(ids.next('q'), person, campaign, experiment, tags)));
    }
    return !capped;
  }

  /** Sends without a verdict. */
  private void sendByItself(
      Person person, Campaign campaign, Experiment experiment, Variant variant, List<String> tags) {
    Integer epoch = experiment == null ? null : 0;
    if (!requestsBeside) {
      send(person, campaign, experiment, variant, epoch, null, tags);
      return;
    }
    Request request = new Request(ids.next('q'), person, campaign, experiment, tags);
    courier.post(request(request));
    agenda.after(
        REQUEST_AHEAD, () -> send(person, campaign, experiment, variant, epoch, request.id, tags));
  }

  /** The person's variant, the one that the send gate draws, too; null for the hold-out. */
  private static Variant draw(Person person, Experiment experiment) {
    double point = ExperimentAllocation.point(experiment.id(), person.id);
    double texted = 1 - experiment.holdOut();
    return point < texted
        ? Chance.weighted(experiment.variants(), Variant::weight, point / texted)
        : null;
  }

  private void submit(Person person, Campaign campaign, Experiment experiment, List<String> tags) {
    Request request = new Request(ids.next('q'), person, campaign, experiment, tags);
    open.put(request.id, request);
    submit(request);
  }

  private void submit(Request request) {
    courier.post(request(request));
  }

  private SendRequest request(Request request) {
    return new SendRequest(
        ids.next('e'),
        agenda.now(),
        request.person.id,
        request.id,
        request.campaign.id(),
        request.campaign.list(),
        request.campaign.category(),
        request.experiment == null ? null : request.experiment.id(),
        null,
        null,
        request.person.region.id(),
        request.person.region.timeZone().getId(),
        request.tags);
  }

  /** Obeys a decision. */
  void decided(Decision decision) {
    if (usesGate()) {
      audit.decided(decision);
    }
    if (decision instanceof SuppressionDecision suppression) {
      if (suppression.state() == SuppressionState.SUPPRESSED) {
        suppressed.add(suppression.key());
      } else {
        suppressed.remove(suppression.key());
      }
    } else if (decision instanceof SendVerdict verdict) {
      answered(verdict);
    }
  }

  private static Variant variant(Experiment experiment, String id) {
    return experiment.variants().stream()
        .filter(variant -> variant.id().equals(id))
        .findFirst()
        .orElseGet(() -> new Variant(id, 1, 1, 1, 1, 1));
  }

  private void answered(SendVerdict verdict) {
    Request request = open.get(verdict.requestId());
    if (request == null) {
      // Decided before: decisions are delivered at least once.
      return;
    }
    long now = agenda.now();
    if (verdict.verdict() == Verdict.DEFER
        && verdict.notBefore() != null
        && verdict.notBefore() - now <= TIMEOUT) {
      agenda.at(
          verdict.notBefore() + 1,
          () -> {
            if (open.containsKey(request.id)) {
              submit(request);
            }
          });
      return;
    }
    open.remove(request.id);
    if (verdict.verdict() == Verdict.ALLOW && now < verdict.expiresAt() && !isSuppressed(request)) {
      Variant variant =
          request.experiment == null || verdict.variantId() == null
              ? null
              : variant(request.experiment, verdict.variantId());
      send(
          request.person,
          request.campaign,
          variant == null ? null : request.experiment,
          variant,
          verdict.epoch(),
          request.id,
          request.tags);
    }
  }

  /** A suppression that came after the verdict wins. */
  private boolean isSuppressed(Request request) {
    boolean confirms = request.tags != null && request.tags.contains(OPT_OUT_CONFIRMATION);
    return !confirms
        && (suppressed.contains(request.person.id + "|" + request.campaign.list())
            || suppressed.contains(request.person.id + "|*"));
  }

  private void send(
      Person person,
      Campaign campaign,
      Experiment experiment,
      Variant variant,
      Integer epoch,
      String requestId,
      List<String> tags) {
    String id = ids.next('m');
    Send send =
        new Send(
            ids.next('e'),
            agenda.now(),
            person.id,
            id,
            campaign.id(),
            campaign.list(),
            campaign.category(),
            experiment == null ? null : experiment.id(),
            variant == null ? null : variant.id(),
            epoch,
            person.carrier.id(),
            person.region.id(),
            person.region.timeZone().getId(),
            campaign.segments(),
            campaign.segments() * SEGMENT_MICROS,
            requestId,
            tags);
    courier.post(send);
    if (usesGate()) {
      audit.sent(send);
    }
    if (Programme.isPromotional(campaign)) {
      person.notePromotional(agenda.now());
    }
    sent.accept(new Message(id, person, campaign, experiment, variant, agenda.now()));
  }
}
