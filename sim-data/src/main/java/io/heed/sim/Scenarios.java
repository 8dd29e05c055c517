package io.heed.sim;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.model.Category;
import io.heed.sim.Scenario.Calendar;
import io.heed.sim.Scenario.Campaign;
import io.heed.sim.Scenario.Carrier;
import io.heed.sim.Scenario.ContactList;
import io.heed.sim.Scenario.Disorder;
import io.heed.sim.Scenario.Experiment;
import io.heed.sim.Scenario.Incident;
import io.heed.sim.Scenario.IncidentKind;
import io.heed.sim.Scenario.People;
import io.heed.sim.Scenario.Region;
import io.heed.sim.Scenario.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads scenarios. Those of {@code sim-data/scenarios} are known by their names; any other is a
 * file. What a scenario leaves out is as in {@code default}.
 */
public final class Scenarios {
  /** The names that need no file. */
  public static final List<String> SHIPPED =
      List.of("default", "carrier-outage", "opt-out-spike", "a-a-test", "quiet");

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final String ID_ALLOWED = "lower-case letters, digits and hyphens";
  private static final Duration DAY = Duration.ofDays(1);

  private Scenarios() {}

  /**
   * The scenario of that name, or of that file.
   *
   * @throws ConfigException with every mistake in the file
   * @throws IOException if there is no such file
   */
  public static Scenario load(String nameOrFile) throws ConfigException, IOException {
    return SHIPPED.contains(nameOrFile)
        ? shipped(nameOrFile)
        : ConfigReader.read(Path.of(nameOrFile), shape(shipped("default")));
  }

  /** A scenario that comes with the simulator. */
  public static Scenario shipped(String name) {
    try {
      Scenario base = name.equals("default") ? null : shipped("default");
      return read("sim-data/scenarios/" + name + ".yaml", resource(name + ".yaml"), base);
    } catch (ConfigException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Reads a text.
   *
   * @param base what holds for what is left out; null: nothing may be
   */
  static Scenario read(String file, String text, Scenario base) throws ConfigException {
    return ConfigReader.read(file, text, shape(base));
  }

  private static String resource(String name) {
    try (InputStream in = Scenarios.class.getResourceAsStream("scenarios/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Function<ConfigNode, Scenario> shape(Scenario base) {
    return root ->
        new Scenario(
            root.required("id").text(ID, ID_ALLOWED),
            or(root, base, "seed", ConfigNode::integer, Scenario::seed),
            or(root, base, "recipients", n -> (int) n.integer(1, 20_000_000), Scenario::recipients),
            or(root, base, "rate", n -> (int) n.integer(0, 100_000), Scenario::eventsPerSecond),
            or(
                root,
                base,
                "history",
                n -> n.duration(Duration.ZERO, DAY.multipliedBy(30)),
                Scenario::history),
            or(root, base, "lists", n -> n.list(Scenarios::contactList), Scenario::lists),
            or(root, base, "carriers", n -> n.list(Scenarios::carrier), Scenario::carriers),
            or(root, base, "regions", n -> n.list(Scenarios::region), Scenario::regions),
            or(root, base, "languages", n -> n.map(Scenarios::share), Scenario::languages),
            or(root, base, "campaigns", n -> n.list(Scenarios::campaign), Scenario::campaigns),
            or(
                root,
                base,
                "experiments",
                n -> n.list(Scenarios::experiment),
                Scenario::experiments),
            or(root, base, "people", Scenarios::people, Scenario::people),
            or(root, base, "disorder", Scenarios::disorder, Scenario::disorder),
            or(root, base, "incidents", n -> n.list(Scenarios::incident), Scenario::incidents));
  }

  /** The field if it is there, else the base's value, else the field is missing. */
  private static <T> T or(
      ConfigNode root,
      Scenario base,
      String field,
      Function<ConfigNode, T> reader,
      Function<Scenario, T> fallback) {
    Optional<ConfigNode> node = root.optional(field);
    return node.isPresent() || base == null
        ? reader.apply(node.orElseGet(() -> root.required(field)))
        : fallback.apply(base);
  }

  private static ContactList contactList(ConfigNode node) {
    return new ContactList(id(node), share(node.required("share")));
  }

  private static Carrier carrier(ConfigNode node) {
    return new Carrier(
        id(node),
        share(node.required("share")),
        share(node.required("delivered")),
        node.required("receipt_after").duration(),
        share(node.required("scans")));
  }

  private static Region region(ConfigNode node) {
    return new Region(
        node.required("id").text(),
        node.required("time_zone").timeZone(),
        share(node.required("share")));
  }

  private static Campaign campaign(ConfigNode node) {
    return new Campaign(
        id(node),
        node.required("list").text(),
        node.required("category").oneOf(Category.class),
        node.optional("calendar").map(n -> n.as(Scenarios::calendar)).orElse(null),
        factor(node, "per_member_per_month", 0),
        node.optional("after_purchase").map(ConfigNode::bool).orElse(false),
        welcome(node),
        factor(node, "live_weight", 0),
        node.optional("segments").map(n -> (int) n.integer(1, 10)).orElse(1),
        factor(node, "click", 1),
        factor(node, "purchase", 1),
        factor(node, "opt_out", 1));
  }

  private static Duration welcome(ConfigNode node) {
    Duration after = node.optional("welcome_after").map(ConfigNode::duration).orElse(Duration.ZERO);
    return node.optional("welcome").map(ConfigNode::bool).orElse(false) ? after : null;
  }

  private static Calendar calendar(ConfigNode node) {
    return new Calendar(
        node.required("first").duration(),
        node.optional("every").map(n -> n.duration(DAY, DAY.multipliedBy(365))).orElse(null),
        node.required("at").timeOfDay(),
        node.optional("over").map(ConfigNode::duration).orElse(Duration.ofHours(1)),
        node.optional("audience").map(Scenarios::share).orElse(1.0));
  }

  private static Experiment experiment(ConfigNode node) {
    return new Experiment(
        id(node),
        node.required("campaign").text(),
        node.required("starts").duration(),
        node.required("variants").list(Scenarios::variant),
        node.optional("hold_out").map(Scenarios::share).orElse(0.0));
  }

  private static Variant variant(ConfigNode node) {
    return new Variant(
        id(node),
        factor(node, "weight", 1),
        factor(node, "click", 1),
        factor(node, "purchase", 1),
        factor(node, "opt_out", 1),
        factor(node, "delay", 1));
  }

  private static People people(ConfigNode node) {
    return new People(
        share(node.required("click")),
        share(node.required("opt_out")),
        share(node.required("reply")),
        share(node.required("purchase")),
        factor(node, "organic_purchases_per_month", 0),
        factor(node, "organic_visits_per_month", 0),
        factor(node, "touches_per_month", 0),
        node.required("order_value").micros(),
        share(node.required("refund")),
        factor(node, "fatigue", 0),
        share(node.required("newcomers")));
  }

  private static Disorder disorder(ConfigNode node) {
    return new Disorder(
        share(node.required("duplicates")),
        share(node.required("late")),
        share(node.required("too_late")),
        share(node.required("broken")));
  }

  private static Incident incident(ConfigNode node) {
    return new Incident(
        node.required("kind").oneOf(IncidentKind.class),
        node.required("target").text(),
        node.required("starts").duration(),
        node.required("lasts").duration(),
        factor(node, "factor", 1));
  }

  private static String id(ConfigNode node) {
    return node.required("id").text(ID, ID_ALLOWED);
  }

  private static double share(ConfigNode node) {
    return node.decimal("0", "1").doubleValue();
  }

  private static double factor(ConfigNode node, String field, double orElse) {
    return node.optional(field).map(n -> n.decimal("0", "1000").doubleValue()).orElse(orElse);
  }
}
