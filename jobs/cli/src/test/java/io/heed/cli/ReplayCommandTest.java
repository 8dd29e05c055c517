package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.ReplayIT.Result;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  @TempDir private Path directory;
  private String cats;

  @BeforeEach
  void writeExport() throws Exception {
    cats = Files.writeString(directory.resolve("cats.csv"), ReplayIT.CATS).toString();
  }

  @Test
  void aDryRunCountsEvents() {
    Result result = ReplayIT.run(cats, "--mapping", "cookie_cats", "--dry-run");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("1 rows, 2 events from 2017-01-0")
        .contains("  sms.assignment   1\n", "  sms.click        1\n", "nothing was published");
  }

  @Test
  void brokenRowsAreReported() throws Exception {
    Files.writeString(Path.of(cats), ReplayIT.CATS + "2,gate_50,3,True,False\n");

    Result refused = ReplayIT.run(cats, "--mapping", "cookie_cats", "--dry-run");
    Result skipped = ReplayIT.run(cats, "--mapping", "cookie_cats", "--dry-run", "--skip-broken");

    assertThat(refused.code()).isEqualTo(UserError.EXIT_CODE);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .contains(cats + ": row 2: column version: 'gate_50' is not in the map (allowed: gate_30")
        .contains("heed: 1 of 2 rows are broken, so nothing was published (--skip-broken");
    assertThat(skipped.code()).isZero();
    assertThat(skipped.out()).startsWith("1 rows, 2 events");
  }

  @Test
  void mistakesAreOneLine() {
    assertMistake("--mapping nothing is neither a file nor one of ", cats, "--mapping", "nothing");
    assertMistake("none.csv: no such file or directory", "none.csv", "--mapping", "cookie_cats");
    assertMistake("--where x: COLUMN=VALUE is needed", cats, "--mapping", "hillstrom", "--where=x");
    assertMistake("has no column version2 ", cats, "--mapping=cookie_cats", "--where=version2=x");
    assertMistake("no column 'treatment' in ", cats, "--mapping", "hillstrom");
    assertMistake(
        "mapping cookie_cats names no column", cats, "--mapping=cookie_cats", "--limit-groups=1");
    assertMistake(
        "invalid value for option '--base'", cats, "--mapping=cookie_cats", "--base=yesterday");
    assertMistake(
        "--complete would move event time into the future, ",
        cats,
        "--mapping=cookie_cats",
        "--complete",
        "--base=" + Instant.now().minus(Duration.ofDays(20)));
    assertThat(ReplayIT.run(cats, "--mapping", "cookie_cats").err()).contains("--kafka HOST:PORT");
  }

  private void assertMistake(String message, String... args) {
    String[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "--dry-run";
    Result result = ReplayIT.run(all);
    assertThat(result.err()).containsIgnoringCase(message).hasLineCount(1);
    assertThat(result.code()).isEqualTo(UserError.EXIT_CODE);
  }

  /** So that what is kept to the horizon is over when the mark has come. */
  @Test
  void theTimeMarkIsPastTheHorizon() {
    JobOptions jobs = JobOptions.DEFAULTS;

    assertThat(ReplayCommand.COMPLETE_AFTER)
        .isGreaterThan(Duration.ofMillis(jobs.horizonMillis() + jobs.latenessMillis()));
  }
}
