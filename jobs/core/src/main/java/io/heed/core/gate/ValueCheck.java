package io.heed.core.gate;

import io.heed.core.gate.ValueBook.Version;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.SendRequest;
import io.heed.core.optimizer.CampaignFactor;
import io.heed.core.optimizer.Exploration;
import io.heed.core.optimizer.Optimizer;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.ValueModel;
import io.heed.core.optimizer.ValueVerdict;
import io.heed.core.optimizer.ValueVerdict.Cause;
import java.time.Duration;
import java.util.List;

/**
 * Whether a promotional message that everything else allows is worth its place: a function of the
 * request, the recipient's state, and the versions that hold at the request's instant.
 */
final class ValueCheck {
  /** A request of this priority is never refused for its value. */
  static final int EXEMPT_PRIORITY = 100;

  /** Hazards of verdicts are kept in these parts of one. */
  static final double HAZARD_PARTS = 1e6;

  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /** When to request again while the campaign's first messages are out. */
  private static final long PILOT_MILLIS = Duration.ofMinutes(10).toMillis();

  private final ValueBook values;

  ValueCheck(ValueBook values) {
    this.values = values;
  }

  /**
   * What the optimizer decides.
   *
   * @param allowed whether the message may go
   * @param shadow whether that changes nothing
   * @param notBefore when it would be allowed; {@link Long#MAX_VALUE} if that is not known
   * @param propensity probability of the verdict
   * @param modelVersion versions that had a part in it; null for the control
   * @param control whether plain caps decide for the person
   * @param subscriberMicros value of the subscriber before the message
   * @param value the figures; null for the control
   */
  record Worth(
      boolean allowed,
      boolean shadow,
      long notBefore,
      double propensity,
      String modelVersion,
      boolean control,
      long subscriberMicros,
      MessageValue value) {}

  /** Whether a request may be refused for its value. */
  static boolean concerns(SendRequest request) {
    return request.category() == Category.PROMOTIONAL
        && (request.priority() == null || request.priority() < EXEMPT_PRIORITY);
  }

  /** Null if the optimizer has no part in the request. */
  Worth of(SendRequest request, Optimise policy, PersonState known) {
    if (policy == null || policy.mode() == Optimise.Mode.OFF || !concerns(request)) {
      return null;
    }
    long at = request.eventTime();
    long recipient = Hash.of(request.recipientId());
    Version<ValueModel> model = values.model(request.listId(), at);
    if (model == null) {
      return null;
    }
    PersonState person = known == null ? PersonState.NEW : known;
    int day = (int) Math.floorDiv(at, DAY_MILLIS);
    long subscriberMicros = Math.max(0, Math.round(model.content().value(person, day)));
    if (policy.inControl(recipient)) {
      return new Worth(true, false, at, 1, null, true, subscriberMicros, null);
    }
    Version<CampaignFactor> factor = values.factor(request.listId(), request.campaignId(), at);
    List<String> tags = request.tags() == null ? List.of() : request.tags();
    CampaignFactor campaign = factor == null ? model.content().prior(tags) : factor.content();
    ValueVerdict verdict =
        new Optimizer(new Exploration(request.listId()))
            .decide(
                model.content(),
                campaign,
                person,
                recipient,
                Hash.of(request.campaignId()),
                day,
                0);
    String version = factor == null ? model.name() : model.name() + "+" + factor.name();
    return new Worth(
        verdict.allowed(),
        policy.mode() == Optimise.Mode.SHADOW,
        verdict.allowed() ? at : again(verdict.cause(), model.content(), campaign, person, at, day),
        verdict.propensity(),
        version,
        false,
        subscriberMicros,
        figures(verdict));
  }

  /** Rounded as they are kept, so that a verdict is repeated with the same figures. */
  private static MessageValue figures(ValueVerdict verdict) {
    return new MessageValue(
        verdict.cause().name(),
        Math.round(verdict.brings()),
        Math.round(verdict.hazard() * HAZARD_PARTS) / HAZARD_PARTS,
        Math.round(verdict.worthMicros()));
  }

  private static long again(
      Cause cause,
      ValueModel model,
      CampaignFactor campaign,
      PersonState person,
      long at,
      int day) {
    if (cause == Cause.PILOT_PENDING) {
      return at + PILOT_MILLIS;
    }
    int next =
        cause == Cause.WITHHELD ? day + 1 : Optimizer.nextDay(model, campaign, person, day, 0);
    return next < 0 ? Long.MAX_VALUE : next * DAY_MILLIS;
  }
}
