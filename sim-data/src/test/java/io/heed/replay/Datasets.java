package io.heed.replay;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Public data sets; absent, the test is skipped and says so. */
final class Datasets {
  private Datasets() {}

  static Path file(String relative) {
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

  static JsonNode json(String relative) throws IOException {
    return new ObjectMapper().readTree(file(relative).toFile());
  }

  static List<String> gzippedLines(Path path) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(path)), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }
}
