package io.heed.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWarningsTest {
  private static final String EXPERIMENT =
      """
      id: %s
      owner: o
      hypothesis: h
      variants: [{id: a, weight: 1}, {id: b, weight: 1}]
      primary_metric: {event: click, window: 24h, expected_base_rate: 0.1}
      minimum_effect: 0.2
      start: %s
      audience: {lists: [%s]}
      """;

  private static final String POLICY =
      """
      id: %s
      lists: [%s]
      quiet_hours: {allowed: {from: %s, to: %s}}
      """;

  @TempDir private Path directory;

  private void write(String file, String text) throws IOException {
    Files.createDirectories(directory.resolve(file).getParent());
    Files.writeString(directory.resolve(file), text);
  }

  private List<String> warnings() {
    return ConfigWarnings.of(ConfigFile.readAll(directory));
  }

  @Test
  void whatIsShippedHasNoWarning() {
    assertThat(ConfigWarnings.of(ConfigFile.readAll(Path.of("../../experiment-config")))).isEmpty();
  }

  @Test
  void warnsOfTestsThatShareTheirPeople() throws IOException {
    write("experiments/one.yaml", EXPERIMENT.formatted("one", "2026-01-01", "deals, news"));
    write("experiments/two.yaml", EXPERIMENT.formatted("two", "2026-02-01", "news"));
    write("experiments/zero.yaml", EXPERIMENT.formatted("zero", "2026-02-01", "others"));
    assertThat(warnings())
        .containsExactly(
            "warning: "
                + directory.resolve("experiments/two.yaml")
                + ":1: audience: the same people can be in 'one': without a common exclusion_group"
                + " each test sees the other one's effects");
  }

  @Test
  void warnsOfHoursThatLeaveNone() throws IOException {
    write(
        "policies/early.yaml", POLICY.formatted("early", "news, deals", "\"08:00\"", "\"12:00\""));
    write("policies/late.yaml", POLICY.formatted("late", "deals", "\"12:00\"", "\"20:00\""));
    write("policies/noon.yaml", POLICY.formatted("noon", "deals", "\"11:00\"", "\"13:00\""));
    write("policies/other.yaml", POLICY.formatted("other", "others", "\"13:00\"", "\"20:00\""));
    assertThat(warnings())
        .containsExactly(
            "warning: "
                + directory.resolve("policies/late.yaml")
                + ":1: quiet_hours: has no hour in common with policy 'early': lists of both get no"
                + " message at all");
  }

  @Test
  void warnsOfAYearLongAgoInAnyDocument() throws IOException {
    write("policies/old.yaml", "id: old\neffective_from: 0026-01-01\n");
    assertThat(warnings())
        .containsExactly(
            "warning: "
                + directory.resolve("policies/old.yaml")
                + ":2: effective_from: the year 26 lies before the first event that there can be");
  }
}
