package io.heed.core.experiments;

import io.heed.core.config.ConfigNode;
import io.heed.core.model.Category;
import java.time.Instant;
import java.util.Set;

/**
 * A share of all people who get no promotional message of any campaign or test, to measure what the
 * whole programme does.
 *
 * @param share of all people
 * @param categories messages that they do not get; never TRANSACTIONAL
 * @param start from when, in event time
 * @param until when it ends; {@link Instant#MAX} for no end
 * @param salt of the draw; another one holds out other people
 */
public record ProgrammeHoldout(
    double share, Set<Category> categories, Instant start, Instant until, String salt) {

  /** Name of the experiment on assignments and in results; no file may have it as its id. */
  public static final String EXPERIMENT = "programme";

  /** Name of the arm on assignments. */
  public static final String ARM = "holdout";

  private static final String HELD_BACK = "PROMOTIONAL, CONVERSATIONAL";

  /** Reads {@code holdout} of a policy. */
  public static ProgrammeHoldout read(ConfigNode node) {
    Instant start = node.required("start").instant();
    Instant until = node.optional("until").map(ConfigNode::instant).orElse(Instant.MAX);
    Set<Category> categories =
        node.optional("categories")
            .map(n -> Set.copyOf(n.list(ProgrammeHoldout::category)))
            .orElse(Set.of(Category.PROMOTIONAL));
    if (node.valid() && !until.isAfter(start)) {
      node.error("until must lie after start", "start: 2026-01-01 and until: 2026-07-01");
    }
    if (node.valid() && categories.isEmpty()) {
      node.required("categories").error("nothing is held back", HELD_BACK);
    }
    return new ProgrammeHoldout(
        node.required("share").decimal("0.0001", "0.9999").doubleValue(),
        categories,
        start,
        until,
        node.optional("salt").map(ProgrammeHoldout::salt).orElse(EXPERIMENT));
  }

  private static Category category(ConfigNode node) {
    Category category = node.oneOf(Category.class);
    if (category == Category.TRANSACTIONAL) {
      node.error("transactional messages are never held back", HELD_BACK);
    }
    return category;
  }

  private static String salt(ConfigNode node) {
    return node.text(ExperimentReader.ID, ExperimentReader.ID_ALLOWED);
  }

  /** Whether it holds at an instant, epoch milliseconds. */
  public boolean covers(long instant) {
    Instant at = Instant.ofEpochMilli(instant);
    return !at.isBefore(start) && at.isBefore(until);
  }

  /** Whether it shares an instant with another one. */
  public boolean overlaps(ProgrammeHoldout other) {
    return start.isBefore(other.until) && other.start.isBefore(until);
  }

  /**
   * Whether a person is held out. The draw is a salted hash, which is independent of every test's:
   * everybody else keeps the variant that they have without it.
   */
  public boolean holds(String recipientId) {
    return Hashing.unit(EXPERIMENT + "|" + salt + "|" + recipientId) < share;
  }

  /** Names one draw among all: hold-outs with another salt are another experiment. */
  public String key() {
    return EXPERIMENT + "|" + salt;
  }

  /** Whether a name is one of {@link #key}. */
  public static boolean isKey(String experimentId) {
    return experimentId.startsWith(EXPERIMENT + "|");
  }

  /** Names the share, within which both arms are comparable. */
  public int epoch() {
    return (int) Math.round(share * 1e6);
  }
}
