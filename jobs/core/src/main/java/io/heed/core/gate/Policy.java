package io.heed.core.gate;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.Document;
import io.heed.core.config.DocumentKind;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.hours.QuietHours.OwnHours;
import io.heed.core.hours.Reading;
import io.heed.core.model.Category;
import io.heed.core.rules.Cap;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A policy file: whether consent is required, caps and hours, for the lists that it names or for
 * all.
 *
 * @param id of the policy
 * @param effectiveFrom instant in event time from which it holds; null: from its publication on
 * @param lists lists that it is for; empty: every list
 * @param consentRequired whether promotional messages need a recorded opt-in
 * @param unprovenImports whether an opt-in of method IMPORT without evidence is a recorded one
 * @param law which laws hold where sources differ; null: not stated
 * @param caps its limits
 * @param hours hours in place of the best practice, or null
 * @param hoursCategories categories that keep quiet hours
 * @param countries where recipients without a known region are assumed; empty: wherever Heed knows
 * @param holdout people who get no promotional message at all; null for none
 * @param sunsetDenied whether a dormant person gets no promotional message that costs more than it
 *     brings
 * @param optimise whether promotional messages have to be worth their place; null: not stated
 */
public record Policy(
    String id,
    Instant effectiveFrom,
    Set<String> lists,
    boolean consentRequired,
    boolean unprovenImports,
    Reading law,
    List<Cap> caps,
    OwnHours hours,
    Set<Category> hoursCategories,
    Set<String> countries,
    ProgrammeHoldout holdout,
    boolean sunsetDenied,
    Optimise optimise)
    implements Document {

  /** The kind of document. */
  public static final DocumentKind<Policy> KIND =
      new DocumentKind<>(
          "policy",
          "policies/*.yaml",
          Policy::parse,
          (previous, since, next, now) -> List.of(),
          (name, document) -> ConfigReader.warnings(name, document, Policy::read));

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
  private static final Pattern TIME = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d|24:00");

  /** Checks and reads a policy. */
  public static Policy parse(String name, String document) throws ConfigException {
    return ConfigReader.read(name, document, Policy::read);
  }

  /** Whether there are lists that both are for. */
  private boolean shareLists(Policy other) {
    return lists.isEmpty()
        || other.lists.isEmpty()
        || lists.stream().anyMatch(other.lists::contains);
  }

  /** Whether lists that both are for have no minute in which a message may be sent. */
  public boolean closes(Policy other) {
    return shareLists(other)
        && hours != null
        && other.hours != null
        && Math.max(hours.fromMinute(), other.hours.fromMinute())
            >= Math.min(hours.toMinute(), other.hours.toMinute());
  }

  private static Policy read(ConfigNode root) {
    Optional<ConfigNode> hours = root.optional("quiet_hours");
    Set<String> lists = Set.copyOf(new HashSet<>(texts(root, "lists")));
    Optional<ConfigNode> holdout = root.optional("holdout");
    if (!lists.isEmpty()) {
      holdout.ifPresent(
          node ->
              node.error(
                  "a hold-out is one of the whole programme, not of some lists",
                  "in a policy without lists"));
    }
    return new Policy(
        root.required("id")
            .text(ID, "up to 64 lower-case letters, digits, dots, hyphens and underscores"),
        root.optional("effective_from").map(ConfigNode::instant).orElse(null),
        lists,
        root.optional("consent")
            .map(node -> node.oneOf(Set.of("required", "assumed")))
            .orElse("assumed")
            .equals("required"),
        root.optional("imports")
            .map(node -> node.oneOf(Set.of("with-evidence", "any")))
            .orElse("with-evidence")
            .equals("any"),
        root.optional("law").map(node -> node.oneOf(Reading.class)).orElse(null),
        root.optional("caps").map(node -> node.list(Cap::read)).orElse(List.of()),
        hours.flatMap(node -> node.optional("allowed")).map(Policy::ownHours).orElse(null),
        hours
            .flatMap(node -> node.optional("categories"))
            .map(node -> Set.copyOf(node.list(element -> element.oneOf(Category.class))))
            .orElse(Set.of(Category.PROMOTIONAL)),
        hours
            .flatMap(node -> node.optional("countries"))
            .map(node -> Set.copyOf(node.list(e -> e.text(COUNTRY, "a country such as US"))))
            .orElse(Set.of()),
        holdout.map(ProgrammeHoldout::read).orElse(null),
        root.optional("sunset")
            .map(node -> node.oneOf(Set.of("allow", "deny")))
            .orElse("allow")
            .equals("deny"),
        root.optional("optimise").map(node -> node.as(Optimise::read)).orElse(null));
  }

  private static OwnHours ownHours(ConfigNode node) {
    int from = minute(node.required("from"));
    int to = minute(node.required("to"));
    if (node.valid() && from >= to) {
      node.error("from must lie before to", "from: 09:00 and to: 20:00");
    }
    return new OwnHours(from, to);
  }

  private static int minute(ConfigNode node) {
    String time = node.text(TIME, "a time of day such as 08:00, up to 24:00");
    return time.isEmpty()
        ? 0
        : Integer.parseInt(time.substring(0, 2)) * 60 + Integer.parseInt(time.substring(3));
  }

  private static List<String> texts(ConfigNode root, String name) {
    return root.optional(name).map(node -> node.list(ConfigNode::text)).orElse(List.of());
  }
}
