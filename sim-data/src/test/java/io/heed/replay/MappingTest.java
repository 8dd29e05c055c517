package io.heed.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappingTest {
  static final List<String> BUNDLED = Mapping.BUNDLED;

  private static final String SMALL =
      """
      name: small
      base: 2026-01-01
      journeys:
        - recipient: "{id}"
          times:
            clicked: { after: base }
          events:
            - topic: sms.touch
              at: clicked
              fields: { channel: email, action: CLICK }
      """;

  @ParameterizedTest
  @FieldSource("BUNDLED")
  void bundledMappingsAreValid(String name) throws Exception {
    assertThat(MappingReader.bundled(name).name()).isEqualTo(name);
  }

  @Test
  void everyMappingOfTheFolderIsBundled() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("mappings"))) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
          .containsExactlyInAnyOrderElementsOf(Mapping.BUNDLED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "action: CLICK -> action: PRESS -> m.yaml:10: journeys[0].events[0].fields.action: action:"
            + " 'PRESS' (allowed: CLICK, VIEW)",
        "channel: email -> channel: E-Mail -> m.yaml:10: journeys[0].events[0].fields.channel:"
            + " channel: 'E-Mail' (allowed: [a-z][a-z0-9_-]*)",
        "channel: email, -> -> m.yaml:8: journeys[0].events[0]: fields: channel required, but"
            + " missing",
        "channel: email -> channel: email, chanel: sms -> m.yaml:10: journeys[0].events[0].fields.chanel: unknown"
            + " field (allowed: action, campaign_id, channel)",
        "channel: email -> event_id: x, channel: email -> m.yaml:10:"
            + " journeys[0].events[0].fields.event_id: is made by the replay itself (allowed:"
            + " action, campaign_id, channel)",
        "at: clicked -> at: clickd -> m.yaml:9: journeys[0].events[0].at: 'clickd', did you mean"
            + " 'clicked'? (allowed: clicked)",
        "sms.touch -> sms.toch -> m.yaml:8: journeys[0].events[0].topic: 'sms.toch', did you mean"
            + " 'sms.touch'? (allowed: ",
        "base: 2026-01-01 -> -> m.yaml:3: journeys: times count from the base, which is missing"
            + " (allowed: base: 2026-03-01T00:00:00Z)",
        "\"{id}\" -> \"{id\" -> m.yaml:4: journeys[0].recipient: a brace without its other half"
            + " (allowed: {name} for a column or a value)",
        "after: base -> column: \"{at}\", format: qq-bb -> m.yaml:6:"
            + " journeys[0].times.clicked.format: ",
        "{ after: base } -> { after: base, exponential: 1h } -> m.yaml:6:"
            + " journeys[0].times.clicked.within: required, but missing",
      })
  void mistakesAreReportedByLineAndField(String change) {
    String[] parts = change.split(" ->", 3);
    String text = SMALL.replace(parts[0], parts[1].strip());

    assertThatThrownBy(() -> MappingReader.read("m.yaml", text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(parts[2].strip());
  }

  @Test
  void theExampleOfTheReferenceIsValid() throws Exception {
    String reference = Files.readString(Path.of("../docs/replay.md"));
    int start = reference.indexOf("```yaml\nname: ") + "```yaml\n".length();

    Mapping example =
        MappingReader.read(
            "replay.md", reference.substring(start, reference.indexOf("```", start)));

    assertThat(example.name()).isEqualTo("shop");
  }

  @Test
  void withACountTheJourneysStartOneAfterTheOther() {
    String text =
        SMALL.replace(
            "    times:\n", "    count: \"{n_clicks}\"\n    times:\n      seen: { after: base }\n");

    assertThatThrownBy(() -> MappingReader.read("m.yaml", text))
        .hasMessage(
            "m.yaml:8: journeys[0].times.clicked: with a count, every time but the first comes"
                + " after another one of the journey (allowed: after: seen)");
  }
}
