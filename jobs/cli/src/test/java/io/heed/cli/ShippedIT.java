package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What the build ships is what docs/dependencies.md lists, with the licences' texts. */
class ShippedIT {
  private static final Path ROOT = Path.of("../..");
  private static final Path JOBS = ROOT.resolve("jobs/flink/target/heed-jobs.jar");
  private static final String APACHE = "Apache-2.0";

  /** What may be shipped with a work under Apache-2.0. */
  private static final Set<String> ALLOWED =
      Set.of(APACHE, "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "CC0-1.0");

  private static final Pattern LINE =
      Pattern.compile("\\| ([^ :]+):([^ ]+) \\| ([^ ]+) \\| ([^|]+) \\| ?(yes)? ?\\|");

  /** In Maven's list: group, artifact, type, version, scope, and perhaps the module's name. */
  private static final Pattern SHADED = Pattern.compile("([^:]+):([^:]+):jar:([^:]+):.*");

  private record Library(
      String group, String artifact, String version, String licence, boolean inJobs) {
    String name() {
      return group + ":" + artifact + ":" + version;
    }
  }

  @Test
  void theCommandShipsWhatIsListed() throws IOException {
    try (Stream<Path> lib = Files.list(ROOT.resolve("jobs/cli/target/lib"))) {
      assertThat(lib.map(jar -> jar.getFileName().toString()).filter(jar -> !jar.contains("heed-")))
          .containsExactlyInAnyOrderElementsOf(
              listed().stream()
                  .map(library -> library.artifact() + "-" + library.version() + ".jar")
                  .toList());
    }
  }

  @Test
  void theJarOfTheJobsShipsWhatIsListed() throws IOException {
    assertThat(
            text("META-INF/dependencies.txt")
                .lines()
                .map(line -> SHADED.matcher(line.strip()))
                .filter(Matcher::matches)
                .map(line -> line.group(1) + ":" + line.group(2) + ":" + line.group(3)))
        .containsExactlyInAnyOrderElementsOf(
            listed().stream().filter(Library::inJobs).map(Library::name).toList());
  }

  @Test
  void everyLicenceAllowsIt() throws IOException {
    assertThat(listed())
        .allSatisfy(
            library ->
                assertThat(library.licence().split(" or "))
                    .as(library.name())
                    .anyMatch(ALLOWED::contains));
  }

  @Test
  void theJarOfTheJobsCarriesLicencesAndNotices() throws IOException {
    assertThat(text("META-INF/LICENSE")).isEqualTo(Files.readString(ROOT.resolve("LICENSE")));
    assertThat(text("META-INF/NOTICE")).contains("Heed", "Apache Commons", "Jackson", "Flink");
    assertThat(text("NOTICE")).contains("Apache Kafka");
    assertThat(listed())
        .filteredOn(library -> library.inJobs() && !library.licence().contains(APACHE))
        .isNotEmpty()
        .allSatisfy(
            library ->
                assertThat(
                        text(
                            "META-INF/licenses/%s.%s.txt"
                                .formatted(library.group(), library.artifact())))
                    .contains("Copyright", "Redistribution"));
  }

  private static List<Library> listed() throws IOException {
    List<Library> libraries =
        Files.readString(ROOT.resolve("docs/dependencies.md"))
            .lines()
            .map(LINE::matcher)
            .filter(Matcher::matches)
            .map(
                line ->
                    new Library(
                        line.group(1),
                        line.group(2),
                        line.group(3),
                        line.group(4),
                        line.group(5) != null))
            .toList();
    assertThat(libraries).hasSizeGreaterThan(100);
    return libraries;
  }

  private static String text(String entry) throws IOException {
    try (ZipFile jar = new ZipFile(JOBS.toFile())) {
      ZipEntry found = jar.getEntry(entry);
      assertThat(found).as("%s in %s", entry, JOBS).isNotNull();
      return new String(jar.getInputStream(found).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
