package io.heed.preview;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The committed files are what the code makes, and fit Grafana's own types. */
class GeneratedFilesTest {
  private static final Path HOME = Path.of("..");
  private static final Path INSTALLED = HOME.resolve("node_modules/.package-lock.json");
  private static final Path WANTED = HOME.resolve("package-lock.json");

  @Test
  void areWhatTheCodeMakes() throws Exception {
    if (!Files.exists(INSTALLED)
        || Files.getLastModifiedTime(INSTALLED).compareTo(Files.getLastModifiedTime(WANTED)) < 0) {
      npm("ci", "--no-audit", "--no-fund");
    }
    npm("run", "--silent", "check");
  }

  private static void npm(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "npm";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    // Not a pipe, whose end would have to be waited for.
    Path output = Files.createTempFile("npm", ".out");
    Process npm =
        new ProcessBuilder(command)
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(npm.waitFor(5, TimeUnit.MINUTES)).as("npm comes to its end").isTrue();
      assertThat(npm.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      npm.descendants().forEach(ProcessHandle::destroyForcibly);
      npm.destroyForcibly();
      Files.delete(output);
    }
  }
}
