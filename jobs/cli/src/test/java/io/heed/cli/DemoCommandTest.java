package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo refuses before anything starts. */
class DemoCommandTest {
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  private int demo(String option, String value) {
    return Heed.commandLine()
        .setErr(new PrintWriter(err, true))
        .execute("demo", "--data-dir", directory.resolve("data").toString(), option, value);
  }

  @Test
  void readsTimesAsPeopleWriteThem() {
    ScenarioOptions.TimeConverter converter = new ScenarioOptions.TimeConverter();
    assertThat(converter.convert("2m")).isEqualTo(Duration.ofMinutes(2));
    assertThat(converter.convert("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(converter.convert("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(demo("--for", "two minutes")).isEqualTo(UserError.EXIT_CODE);
    assertThat(err.toString()).contains("'two minutes'", "90s, 2m or 1h30m").hasLineCount(1);
  }

  @Test
  void anUnknownScenarioNamesTheKnownOnes() {
    assertThat(demo("--scenario", "defualt")).isEqualTo(UserError.EXIT_CODE);
    assertThat(err.toString()).contains("'defualt'", "default, carrier-outage").hasLineCount(1);
  }

  @Test
  void aMistakeInAScenarioIsReportedWithItsPlace() throws IOException {
    Path file = Files.writeString(directory.resolve("mine.yaml"), "id: mine\nrecipients: many\n");
    assertThat(demo("--scenario", file.toString())).isEqualTo(UserError.EXIT_CODE);
    assertThat(err.toString()).contains("mine.yaml:2: recipients: 'many'");
  }

  @Test
  void numbersHaveLimits() {
    assertThat(demo("--recipients", "0")).isEqualTo(UserError.EXIT_CODE);
    assertThat(demo("--rate", "-1")).isEqualTo(UserError.EXIT_CODE);
    assertThat(directory.resolve("data")).doesNotExist();
  }
}
