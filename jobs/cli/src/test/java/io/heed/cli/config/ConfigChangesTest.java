package io.heed.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.UserError;
import io.heed.core.config.ConfigException;
import io.heed.core.model.ConfigVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigChangesTest {
  private static final Path DIRECTORY = Path.of("config");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String DATED = "id: a\neffective_from: 2026-04-01T00:00:00Z\nlimit: 5\n";

  @Test
  void aNewDocumentHoldsFromItsPublicationOnUnlessItSaysOtherwise() throws ConfigException {
    ConfigChanges changes = changes(List.of(), file("id: b\nlimit: 5\n"), file(DATED));

    assertThat(changes.changes())
        .extracting(change -> change.next().effectiveFrom())
        .containsExactly(NOW.toEpochMilli(), Instant.parse("2026-04-01T00:00:00Z").toEpochMilli());
    assertThat(changes.changes())
        .allSatisfy(change -> assertThat(change.next().publishedAt()).isEqualTo(NOW.toEpochMilli()))
        .allSatisfy(change -> assertThat(change.next().configHash()).matches("[0-9a-f]{64}"));
  }

  @Test
  void whatDoesNotSayItHoldsFromTheGivenInstantOn() throws ConfigException {
    Instant from = Instant.parse("2025-01-01T00:00:00Z");
    ConfigChanges changes =
        ConfigChanges.between(
            List.of(), DIRECTORY, List.of(file("id: b\nlimit: 5\n"), file(DATED)), NOW, from);

    assertThat(changes.changes())
        .extracting(change -> Instant.ofEpochMilli(change.next().effectiveFrom()))
        .containsExactly(from, Instant.parse("2026-04-01T00:00:00Z"));
  }

  @Test
  void whatIsPublishedAlreadyIsNotPublishedAgain() throws ConfigException {
    ConfigFile file = file("id: b\nlimit: 5\n");
    List<ConfigVersion> published = versions(changes(List.of(), file));

    ConfigChanges changes = changes(published, file);

    assertThat(changes.changes()).isEmpty();
    assertThat(changes.unchanged()).isEqualTo(1);
  }

  @Test
  void theTextThatWasPublishedLastIsWhatCounts() throws ConfigException {
    ConfigVersion first = ConfigVersion.of("limit", "b", 1, 1, "id: b\nlimit: 5\n");
    ConfigVersion second = ConfigVersion.of("limit", "b", 2, 2, "id: b\nlimit: 6\n");
    ConfigVersion third = ConfigVersion.of("limit", "b", 3, 3, "id: b\nlimit: 5 # again\n");

    assertThat(changes(List.of(third, first, second), file(third.document())).changes()).isEmpty();
    assertThat(changes(List.of(third, first, second), file(second.document())).changes())
        .singleElement()
        .satisfies(change -> assertThat(change.previous()).isEqualTo(third));
  }

  @Test
  void publicationsStayInOrderThoughTheClockWasSetBack() throws ConfigException {
    long ahead = NOW.toEpochMilli() + 1000;
    ConfigVersion published = ConfigVersion.of("limit", "b", ahead, ahead, "id: b\nlimit: 5\n");

    assertThat(changes(List.of(published), file("id: b\nlimit: 6\n")).changes())
        .singleElement()
        .satisfies(change -> assertThat(change.next().publishedAt()).isEqualTo(ahead + 1));
  }

  @Test
  void aDocumentThatIsGoneStaysInForce() throws ConfigException {
    List<ConfigVersion> published = versions(changes(List.of(), file("id: b\nlimit: 5\n")));

    ConfigChanges changes = changes(published);

    assertThat(changes.changes()).isEmpty();
    assertThat(changes.onlyPublished()).containsExactly("limit b");
  }

  @Test
  void whatMayNotFollowIsRefusedAsAWhole() throws ConfigException {
    List<ConfigVersion> published = versions(changes(List.of(), file("id: b\nlimit: 5\n")));

    assertThatThrownBy(
            () -> changes(published, file("# New.\nid: b\nlimit: 4\n"), file("id: c\nlimit: 1\n")))
        .isInstanceOf(UserError.class)
        .hasMessage("1 mistake in config\nb.yaml:2: limit 4 may not fall below 5");
  }

  @Test
  void aLastVersionThatCannotBeReadAnyMoreForbidsNothing() throws ConfigException {
    ConfigVersion old = ConfigVersion.of("limit", "b", 1, 1, "id: b\nformer: field\n");

    assertThat(changes(List.of(old), file("id: b\nlimit: 4\n")).changes()).hasSize(1);
  }

  @Test
  void showsWhatDiffersLineByLine() throws ConfigException {
    ConfigVersion old = ConfigVersion.of("limit", "b", 1, 1, "# Limits.\nid: b\nlimit: 5\n");
    ConfigChanges changes =
        changes(List.of(old), file("# Limits.\nid: b\nlimit: 6\n"), file("id: c\nlimit: 1\n"));

    ConfigChanges.Change changed = changes.changes().get(0);
    assertThat(changed.summary())
        .isEqualTo("changed  limit b, effective from 2026-03-01T12:00:00Z");
    assertThat(changed.diff()).contains(" id: b", "-limit: 5", "+limit: 6");
    ConfigChanges.Change added = changes.changes().get(1);
    assertThat(added.summary()).startsWith("new      limit c");
    assertThat(added.diff()).contains("+id: c", "+limit: 1").noneMatch(l -> l.startsWith("-l"));
  }

  private static ConfigChanges changes(List<ConfigVersion> published, ConfigFile... files) {
    return ConfigChanges.between(published, DIRECTORY, List.of(files), NOW, null);
  }

  private static List<ConfigVersion> versions(ConfigChanges changes) {
    return changes.changes().stream().map(ConfigChanges.Change::next).toList();
  }

  private static ConfigFile file(String text) throws ConfigException {
    TestingDocument document = TestingDocument.LIMITS.parser().parse("test", text);
    Path path = Path.of(document.id() + ".yaml");
    return new ConfigFile(TestingDocument.LIMITS, path, document, text);
  }
}
