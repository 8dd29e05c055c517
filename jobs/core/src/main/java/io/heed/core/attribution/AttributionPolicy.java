package io.heed.core.attribution;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.Document;
import io.heed.core.config.DocumentKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * How credit is given: {@code policies/attribution.yaml}.
 *
 * @param effectiveFrom conversions from this instant on follow it; null: from its publication on
 * @param clickWindow how long before the conversion a click on a text may lie
 * @param deliveryWindow the same for a text that was delivered and not clicked
 * @param otherWindow the same for another channel's touch
 * @param halfLife time in which a touch's weight halves, in time_decay
 * @param firstShare the first touch's share in position_based
 * @param lastShare the last touch's share in position_based
 * @param liftWindow how long after its first exposure a recipient's outcomes count for the lift
 * @param liftRecipients recipients of two arms together at which the lift's interval is tightest
 */
public record AttributionPolicy(
    Instant effectiveFrom,
    Duration clickWindow,
    Duration deliveryWindow,
    Duration otherWindow,
    Duration halfLife,
    double firstShare,
    double lastShare,
    Duration liftWindow,
    long liftRecipients)
    implements Document {
  /** Windows end here, so that a recipient's state does. */
  public static final Duration LONGEST_WINDOW = Duration.ofDays(60);

  /** What holds without a file. */
  public static final AttributionPolicy DEFAULTS =
      new AttributionPolicy(
          null,
          Duration.ofDays(5),
          Duration.ofHours(24),
          Duration.ofDays(30),
          Duration.ofDays(7),
          0.4,
          0.4,
          Duration.ofDays(7),
          20_000);

  /** The kind of the document; there is one file, so its id is the kind's name. */
  public static final DocumentKind<AttributionPolicy> KIND =
      new DocumentKind<>("attribution", "policies/attribution.yaml", AttributionPolicy::parse);

  private static final Duration SHORTEST_WINDOW = Duration.ofMinutes(1);

  /**
   * @throws IllegalArgumentException if the shares of first and last touch leave none for the rest
   */
  public AttributionPolicy {
    if (firstShare + lastShare > 1 || firstShare + lastShare == 0) {
      throw new IllegalArgumentException(
          "position_based: first and last must be more than 0 and at most 1 together");
    }
  }

  /**
   * Reads the document.
   *
   * @throws ConfigException with every mistake
   */
  public static AttributionPolicy parse(String name, String document) throws ConfigException {
    return ConfigReader.read(name, document, AttributionPolicy::of);
  }

  private static AttributionPolicy of(ConfigNode root) {
    AttributionPolicy d = DEFAULTS;
    return new AttributionPolicy(
        root.optional("effective_from").map(ConfigNode::instant).orElse(null),
        field(root, "windows", "click", AttributionPolicy::window, d.clickWindow),
        field(root, "windows", "delivery", AttributionPolicy::window, d.deliveryWindow),
        field(root, "windows", "other_channels", AttributionPolicy::window, d.otherWindow),
        field(root, "time_decay", "half_life", AttributionPolicy::window, d.halfLife),
        field(root, "position_based", "first", AttributionPolicy::share, d.firstShare),
        field(root, "position_based", "last", AttributionPolicy::share, d.lastShare),
        field(root, "lift", "window", AttributionPolicy::window, d.liftWindow),
        field(
            root,
            "lift",
            "planned_recipients",
            node -> node.integer(2, 10_000_000_000L),
            d.liftRecipients));
  }

  private static <T> T field(
      ConfigNode root, String group, String name, Function<ConfigNode, T> value, T orElse) {
    return root.optional(group).flatMap(node -> node.optional(name)).map(value).orElse(orElse);
  }

  private static Duration window(ConfigNode node) {
    return node.duration(SHORTEST_WINDOW, LONGEST_WINDOW);
  }

  private static double share(ConfigNode node) {
    BigDecimal share = node.decimal("0", "1");
    return share.doubleValue();
  }

  @Override
  public String id() {
    return KIND.name();
  }

  long longestWindowMillis() {
    Duration sms = clickWindow.compareTo(deliveryWindow) > 0 ? clickWindow : deliveryWindow;
    return (sms.compareTo(otherWindow) > 0 ? sms : otherWindow).toMillis();
  }
}
