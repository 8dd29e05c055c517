package io.heed.cli.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The browser's tests in dashboards/src/test: npm runs them with Playwright, in the Chromium of
 * this machine.
 */
public final class TestingBrowser {
  private static final Path DASHBOARDS = Path.of("../../dashboards");

  private TestingBrowser() {}

  /** Where Chromium is on this machine, if it is. */
  public static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(
            dir ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(Path.of(dir)::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs one of the tests to its end.
   *
   * @param test its name in browser.ts
   * @param arguments of that test
   * @return what it has found
   */
  public static JsonNode run(Path chromium, String test, String... arguments)
      throws IOException, InterruptedException {
    // Another JVM of the tests may install or bundle at the same time.
    try (FileChannel channel =
            FileChannel.open(
                Files.createDirectories(Path.of("target")).resolve("browser.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock alone = channel.lock()) {
      return runAlone(chromium, test, arguments);
    }
  }

  private static JsonNode runAlone(Path chromium, String test, String... arguments)
      throws IOException, InterruptedException {
    Path installed = DASHBOARDS.resolve("node_modules/.package-lock.json");
    Path wanted = DASHBOARDS.resolve("package-lock.json");
    if (!Files.exists(installed)
        || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0) {
      npm("ci", "--no-audit", "--no-fund");
    }
    List<String> command =
        new ArrayList<>(List.of("run", "--silent", "browser", "--", test, chromium.toString()));
    command.addAll(List.of(arguments));
    return new JsonMapper().readTree(npm(command.toArray(String[]::new)));
  }

  private static String npm(String... arguments) throws IOException, InterruptedException {
    Path output = Files.createTempFile("npm", ".out");
    Path errors = Files.createTempFile("npm", ".err");
    try {
      Process npm =
          new ProcessBuilder(Stream.concat(Stream.of("npm"), Stream.of(arguments)).toList())
              .directory(DASHBOARDS.toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      try {
        assertThat(npm.waitFor(15, TimeUnit.MINUTES)).as("npm comes to its end").isTrue();
      } finally {
        npm.descendants().forEach(ProcessHandle::destroyForcibly);
        npm.destroyForcibly();
      }
      assertThat(npm.exitValue()).as(Files.readString(errors)).isZero();
      return Files.readString(output);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }
}
