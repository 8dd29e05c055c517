package io.heed.core.rules;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Public data sets that tests measure on; absent, the test is skipped and says so. */
public final class Datasets {
  private Datasets() {}

  public static Path file(String relative) {
    String configured = System.getenv("HEED_DATASETS");
    if (configured != null) {
      return existing(Path.of(configured, relative), relative);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path candidate = at.resolve("shared/datasets").resolve(relative);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return existing(Path.of("shared/datasets", relative), relative);
  }

  private static Path existing(Path path, String relative) {
    return Files.exists(path)
        ? path
        : abort(
            "Skipped: no data set " + relative + "; set HEED_DATASETS to the folder of data sets");
  }

  static List<String> gzippedLines(Path path) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(path));
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }
}
