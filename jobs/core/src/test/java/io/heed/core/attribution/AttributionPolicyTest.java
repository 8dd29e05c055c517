package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.heed.core.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AttributionPolicyTest {
  private static final Path CONFIG = Path.of("../../experiment-config");

  @Test
  void theShippedFileSaysTheDefaults() throws IOException, ConfigException {
    String document = Files.readString(CONFIG.resolve(AttributionPolicy.KIND.glob()));
    assertThat(AttributionPolicy.parse("attribution.yaml", document))
        .isEqualTo(AttributionPolicy.DEFAULTS);
    assertThat(AttributionPolicy.parse("empty", "{}")).isEqualTo(AttributionPolicy.DEFAULTS);
  }

  @Test
  void readsEveryField() throws ConfigException {
    String document =
        """
        effective_from: 2026-03-01
        windows:
          click: 3d
          delivery: 12h
          other_channels: 14d
        time_decay:
          half_life: 2d
        position_based:
          first: 0.3
          last: 0.5
        lift:
          window: 3d
          planned_recipients: 5000
        """;
    assertThat(AttributionPolicy.parse("f", document))
        .isEqualTo(
            new AttributionPolicy(
                Instant.parse("2026-03-01T00:00:00Z"),
                Duration.ofDays(3),
                Duration.ofHours(12),
                Duration.ofDays(14),
                Duration.ofDays(2),
                0.3,
                0.5,
                Duration.ofDays(3),
                5_000));
  }

  @Test
  void reportsWhereTheMistakeIsAndWhatIsAllowed() {
    assertThatThrownBy(() -> AttributionPolicy.parse("f", "windows:\n  click: 90d\n"))
        .hasMessageContaining("f:2: windows.click")
        .hasMessageContaining("60d");
    assertThatThrownBy(
            () -> AttributionPolicy.parse("f", "position_based:\n  first: 0.7\n  last: 0.7\n"))
        .hasMessageContaining("at most 1 together");
    assertThatThrownBy(() -> AttributionPolicy.parse("f", "window:\n  click: 9d\n"))
        .hasMessageContaining("unknown field");
  }

  @Test
  void theSchemaForEditorsKnowsTheSameFields() throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    JsonNode text =
        json.readTree(Files.readString(CONFIG.resolve("schemas/attribution.schema.json")));
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
    ObjectNode good = json.createObjectNode();
    good.putObject("windows").put("click", "3d").put("delivery", "12h").put("other_channels", "9d");
    good.putObject("time_decay").put("half_life", "2d");
    good.putObject("position_based").put("first", 0.3).put("last", 0.5);
    good.putObject("lift").put("window", "3d").put("planned_recipients", 5_000);
    good.put("effective_from", "2026-03-01");
    assertThat(schema.validate(good)).isEmpty();
    assertThat(schema.validate(json.createObjectNode().put("window", "3d"))).isNotEmpty();
    assertThat(schema.validate(good.deepCopy().put("lift", 1))).isNotEmpty();
  }
}
