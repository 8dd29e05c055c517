package io.heed.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The readers of {@link FuzzTargets} under Jazzer, which looks for inputs that reach further:
 * {@code -Dheed.fuzz.seconds=600} searches for so long in a JVM of its own, since Jazzer
 * instruments classes and ends the JVM. What it finds becomes a seed of its reader. The first byte
 * of an input chooses the reader, so that one search serves all of them.
 */
@Tag("fuzz")
class CoverageGuidedTest {
  private static final int SECONDS = Integer.getInteger("heed.fuzz.seconds", 60);
  private static final boolean SEARCHING = Boolean.getBoolean("heed.fuzz.searching");
  private static final List<FuzzTarget> TARGETS = FuzzTargets.chosen();

  @FuzzTest
  void readersTakeWhateverComes(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    int chosen = (input[0] & 0xff) % TARGETS.size();
    // What was found for one of them is tried on all: their numbers change.
    for (FuzzTarget target : SEARCHING ? TARGETS.subList(chosen, chosen + 1) : TARGETS) {
      try {
        target.reader().read(rest);
      } catch (Exception | Error e) {
        throw new AssertionError(target.name(), e);
      }
    }
  }

  @Test
  void searchFindsNothing() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "fuzz").toAbsolutePath());
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    for (int i = 0; i < TARGETS.size(); i++) {
      List<byte[]> seeds = TARGETS.get(i).seeds();
      for (int s = 0; s < Math.min(seeds.size(), 50); s++) {
        ByteArrayOutputStream seed = new ByteArrayOutputStream();
        seed.write(i);
        seed.write(seeds.get(s));
        Files.write(corpus.resolve(i + "-" + s), seed.toByteArray());
      }
    }
    Process search =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:-OmitStackTraceInFastThrow",
                "-Dheed.fuzz.searching=true",
                "-Dheed.fuzz.target=" + System.getProperty("heed.fuzz.target", ""),
                "-cp",
                System.getProperty("java.class.path"),
                Jazzer.class.getName(),
                "--target_class=" + CoverageGuidedTest.class.getName(),
                "--instrumentation_includes=io.heed.core.**:io.heed.flink.**:io.heed.replay.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + File.separator,
                "-max_total_time=" + SECONDS,
                "-rss_limit_mb=4096",
                corpus.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("search.log").toFile())
            .start();
    try {
      assertThat(search.waitFor()).as("see %s/search.log", folder).isZero();
    } finally {
      search.destroyForcibly();
    }
  }
}
