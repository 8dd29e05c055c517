package io.heed.cli.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every kind of alert that a job can raise has words on the pages. */
class AlertWordsTest {
  private static final Path PAGE = Path.of("../../dashboards/grafana/dashboards/heed-growth.json");

  /** Where a kind stands: the first argument of what builds the alert, or a case of a switch. */
  private static final Pattern KIND =
      Pattern.compile(
          "(?:alert|add|join)\\(\\s*(?:\"\\|\", )?(?:law \\? \"(\\w+)\" : )?\"([a-z]+_[a-z_]+)\",|-> \"([a-z]+_[a-z_]+)\";");

  @Test
  void everyKindHasWords() throws IOException {
    Set<String> kinds = new TreeSet<>();
    for (Path source : List.of(Path.of("../core/src/main"), Path.of("../flink/src/main"))) {
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String code = Files.readString(file);
          if (code.contains("new Alert(")) {
            Matcher found = KIND.matcher(code);
            while (found.find()) {
              for (int group = 1; group <= 3; group++) {
                if (found.group(group) != null) {
                  kinds.add(found.group(group));
                }
              }
            }
          }
        }
      }
    }
    assertThat(kinds)
        .contains("sent_above_state_cap", "invalid_opt_out", "bad_config", "opt_out_rate")
        .contains("unknown_scope", "experiment_arm_missing", "experiment_config")
        .hasSizeGreaterThanOrEqualTo(17);
    String page = Files.readString(PAGE);
    assertThat(kinds).allSatisfy(kind -> assertThat(page).contains("kind = '" + kind + "'"));
  }
}
