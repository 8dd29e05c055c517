package io.heed.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.preview.Query.Values;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The dashboards' files, without a database: the general rules of Grafana's dashboard linter, and
 * what this project adds to them.
 */
class DashboardFilesTest {
  /** Of Grafana's. It takes one that it does not know for a suffix. */
  private static final Set<String> UNITS =
      Set.of(
          "cps",
          "currencyUSD",
          "dateTimeAsIso",
          "decbytes",
          "locale",
          "ms",
          "none",
          "percentunit",
          "short",
          "suffix:×",
          "time:YYYY-MM",
          "time:YYYY-MM-DD");

  private static final Path DIRECTORY = Path.of("../grafana/dashboards");
  private static final String SOURCE = "heed-clickhouse";
  private static final Pattern PATH = Pattern.compile("/d/([\\w-]+)(\\?.*)?");
  private static final Pattern PARAMETER = Pattern.compile("var-(\\w+)=");
  private static final int COLUMNS = 24;

  static Stream<JsonNode> dashboards() throws IOException {
    return new Dashboards(DIRECTORY).all().stream();
  }

  @Test
  void theseAreAll() throws IOException {
    assertThat(dashboards().map(dashboard -> dashboard.path("title").asText()))
        .containsExactly(
            "Attribution",
            "Experiment",
            "Experiments",
            "Growth overview",
            "List health",
            "Optimizer",
            "Pipeline",
            "Sales",
            "Sending decisions",
            "Subscribers");
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void saysWhatItIsAndCannotBeEditedInPlace(JsonNode dashboard) {
    assertThat(dashboard.path("uid").asText()).matches("heed-[a-z-]{3,30}");
    assertThat(dashboard.path("title").asText()).isNotBlank();
    assertThat(dashboard.path("description").asText()).contains("?").hasSizeGreaterThan(40);
    assertThat(dashboard.path("tags")).extracting(JsonNode::asText).contains("heed");
    assertThat(dashboard.path("editable").asBoolean(true)).isFalse();
    assertThat(dashboard.path("timezone").asText()).isEqualTo("utc");
    assertThat(dashboard.path("refresh").asText()).matches("\\d+[sm]");
    assertThat(dashboard.path("time").path("to").asText()).isEqualTo("now");
    assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
    assertThat(dashboard.has("id")).as("an id belongs to one Grafana").isFalse();
    assertThat(dashboard.has("__inputs")).isFalse();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyPanelSaysWhatItShowsInWhichUnitAndWhatNothingMeans(JsonNode dashboard) {
    for (JsonNode panel : Dashboards.panels(dashboard)) {
      String about = dashboard.path("title").asText() + ", panel " + panel.path("id");
      assertThat(panel.path("title").asText()).as(about).isNotBlank().hasSizeLessThan(60);
      assertThat(panel.path("description").asText()).as(about).endsWith(".");
      if (panel.path("type").asText().equals("text")) {
        continue;
      }
      JsonNode defaults = panel.path("fieldConfig").path("defaults");
      assertThat(defaults.path("unit").asText()).as(about).isIn(UNITS);
      assertThat(defaults.path("noValue").asText()).as(about).endsWith(".");
      for (JsonNode override : panel.path("fieldConfig").path("overrides")) {
        for (JsonNode property : override.path("properties")) {
          if (property.path("id").asText().equals("unit")) {
            assertThat(property.path("value").asText()).as(about).isIn(UNITS);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsHaveIdsOfTheirOwnAndDoNotOverlap(JsonNode dashboard) {
    Set<Integer> ids = new HashSet<>();
    Map<List<Integer>, Integer> taken = new HashMap<>();
    for (JsonNode panel : Dashboards.panels(dashboard)) {
      int id = panel.path("id").asInt();
      assertThat(ids.add(id)).as("id %d is taken once", id).isTrue();
      JsonNode place = panel.path("gridPos");
      int left = place.path("x").asInt();
      int right = left + place.path("w").asInt();
      assertThat(left).isNotNegative();
      assertThat(right).isLessThanOrEqualTo(COLUMNS);
      for (int x = left; x < right; x++) {
        for (int y = place.path("y").asInt();
            y < place.path("y").asInt() + place.path("h").asInt();
            y++) {
          Integer other = taken.put(List.of(x, y), id);
          assertThat(other).as("panels %d and %s overlap", id, other).isNull();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void queriesAskTheOneSource(JsonNode dashboard) {
    for (JsonNode panel : Dashboards.panels(dashboard)) {
      Set<String> refs = new HashSet<>();
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.path("datasource").path("uid").asText()).isEqualTo(SOURCE);
        assertThat(refs.add(target.path("refId").asText())).isTrue();
        assertThat(target.path("editorType").asText()).isEqualTo("sql");
      }
    }
    for (JsonNode variable : Dashboards.variables(dashboard)) {
      if (variable.path("type").asText().equals("query")) {
        assertThat(variable.path("datasource").path("uid").asText()).isEqualTo(SOURCE);
        assertThat(variable.path("refresh").asInt()).as("follows the range").isEqualTo(2);
      }
      assertThat(variable.path("label").asText()).isNotBlank();
      assertThat(variable.path("description").asText()).isNotBlank();
    }
  }

  /** Rates of cohorts, people who clicked: what a careless query gets wrong. */
  @ParameterizedTest
  @MethodSource("dashboards")
  void noQueryMisleads(JsonNode dashboard) {
    for (String sql : queries(dashboard)) {
      String one = sql.replaceAll("\\s+", " ");
      assertThat(one).as("distinct people are never summed").doesNotContain("sum(recipients) / ");
      assertThat(one).as("clicks of scanners are not shown").doesNotContain("scanner_clicks");
      assertThat(one)
          .as("the newest row's NULL is NULL, and argMax passes it over")
          .doesNotContainPattern("argM(ax|in)\\((effect|p_value|JSONExtract\\(.*Nullable)");
      if (one.contains("FROM list_health")) {
        assertThat(one).as("one size of window").contains("window_seconds = ");
        assertThat(one).as("lists' totals or campaigns").contains("campaign_id = ''");
        assertThat(one).as("distinct people of windows").doesNotContain("clickers");
        assertThat(one).as("rates are of cohorts").doesNotContain("/ sum(sends)");
      }
      if (one.matches(".*FROM (send_cohort|delivery_health|response_time)\\b.*")) {
        assertThat(one).as("lists' totals or campaigns").containsPattern("campaign_id !?= ''");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void macrosAndVariablesAreKnown(JsonNode dashboard) {
    TimeRange range = new TimeRange(Instant.EPOCH, Instant.ofEpochSecond(86_400));
    Map<String, Values> values = new HashMap<>();
    for (JsonNode variable : Dashboards.variables(dashboard)) {
      values.put(
          variable.path("name").asText(),
          new Values(List.of("it's"), List.of("it's"), Set.of("it's")));
    }
    Query query = new Query(range, 60, values);
    for (String sql : queries(dashboard)) {
      assertThatCode(() -> query.expand(sql)).as(sql).doesNotThrowAnyException();
      assertThat(query.expand(sql)).doesNotContain("$");
      assertThat(sql).as("indented as it reads").doesNotStartWith(" ").doesNotEndWith("\n");
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void linksLeadSomewhereAndKeepRangeAndVariables(JsonNode dashboard) throws IOException {
    Map<String, JsonNode> all =
        dashboards().collect(Collectors.toMap(d -> d.path("uid").asText(), d -> d));
    List<String> followed = new ArrayList<>();
    for (JsonNode link : dashboard.path("links")) {
      assertThat(link.path("keepTime").asBoolean()).isTrue();
      assertThat(link.path("includeVars").asBoolean()).isTrue();
      followed.add(link.path("url").asText());
    }
    assertThat(followed).as("to every other dashboard").hasSize(all.size() - 1);
    dashboard
        .findValues("links")
        .forEach(links -> links.forEach(link -> followed.add(link.path("url").asText())));
    for (JsonNode property : dashboard.findParents("value")) {
      if (property.path("id").asText().equals("links")) {
        property.path("value").forEach(link -> followed.add(link.path("url").asText()));
      }
    }
    // A page that a row names is one of those that the dashboard's queries name.
    boolean byRow = followed.removeIf(url -> url.startsWith("/d/${__data.fields.page}?"));
    for (String sql : byRow ? queries(dashboard) : List.<String>of()) {
      Matcher pages = Pattern.compile("'(heed-[\\w-]+)'").matcher(sql);
      while (pages.find()) {
        assertThat(all).as(sql).containsKey(pages.group(1));
      }
    }
    for (String url : followed) {
      Matcher path = PATH.matcher(url);
      assertThat(path.matches()).as(url).isTrue();
      JsonNode target = all.get(path.group(1));
      assertThat(target).as(url).isNotNull();
      Set<String> known = new HashSet<>();
      Dashboards.variables(target).forEach(variable -> known.add(variable.path("name").asText()));
      Matcher parameters = PARAMETER.matcher(url);
      while (parameters.find()) {
        assertThat(known).as(url).contains(parameters.group(1));
      }
    }
  }

  @Test
  void aColourMeansTheSameEverywhere() throws IOException {
    Map<String, String> colours = new HashMap<>();
    for (JsonNode dashboard : dashboards().toList()) {
      for (JsonNode panel : Dashboards.panels(dashboard)) {
        for (JsonNode override : panel.path("fieldConfig").path("overrides")) {
          for (JsonNode property : override.path("properties")) {
            if (property.path("id").asText().equals("color")) {
              String name = override.path("matcher").path("options").asText();
              String colour = property.path("value").path("fixedColor").asText();
              String before = colours.putIfAbsent(name, colour);
              assertThat(colour).as(name).isEqualTo(before == null ? colour : before);
            }
          }
        }
      }
    }
    assertThat(colours).containsKeys("control", "holdout", "ALLOW", "opt-outs");
  }

  /** All SQL of a dashboard. */
  private static List<String> queries(JsonNode dashboard) {
    List<String> queries = new ArrayList<>(dashboard.findValuesAsText("rawSql"));
    for (JsonNode variable : Dashboards.variables(dashboard)) {
      if (variable.path("type").asText().equals("query")) {
        queries.add(variable.path("query").asText());
      }
    }
    return queries;
  }
}
