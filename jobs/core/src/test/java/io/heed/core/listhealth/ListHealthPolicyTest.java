package io.heed.core.listhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.heed.core.Documents;
import io.heed.core.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListHealthPolicyTest {
  private static final Path CONFIG = Path.of("../../experiment-config");

  private static ListHealthPolicy parse(String yaml) throws ConfigException {
    return ListHealthPolicy.parse("list-health.yaml", yaml);
  }

  @Test
  void theShippedFileSaysWhatHoldsWithoutIt() throws Exception {
    String shipped = Files.readString(CONFIG.resolve(ListHealthPolicy.KIND.glob()));
    assertThat(parse(shipped)).isEqualTo(ListHealthPolicy.DEFAULT);
    assertThat(parse("{}")).isEqualTo(ListHealthPolicy.DEFAULT);
    assertThat(Documents.KINDS).contains(ListHealthPolicy.KIND);
  }

  @Test
  void takesWhatItIsGivenAndLeavesTheRest() throws ConfigException {
    ListHealthPolicy policy =
        parse(
            """
            effective_from: 2026-03-01
            max_age: 2h
            opt_out_rate:
              levels: [{at: 0.03, severity: critical}]
              minimum_sends: 50
            delivery_drop: {drop: 0.05, calm_hours: 6}
            silent_input: {after: 1h}
            """);
    assertThat(policy.effectiveFrom()).isEqualTo(Instant.parse("2026-03-01T00:00:00Z"));
    assertThat(policy.maxAgeMillis()).isEqualTo(7_200_000);
    assertThat(policy.optOutRate().levels())
        .singleElement()
        .hasFieldOrPropertyWithValue("at", 0.03);
    assertThat(policy.optOutRate().minimumSends()).isEqualTo(50);
    assertThat(policy.optOutRate().minimumOptOuts()).isEqualTo(10);
    assertThat(policy.deliveryDrop().points()).isEqualTo(0.05);
    assertThat(policy.deliveryDrop().calmHours()).isEqualTo(6);
    assertThat(policy.silentInput().afterMillis()).isEqualTo(3_600_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          opt_out_rate: {minimum_sends: 0} | list-health.yaml:1: opt_out_rate.minimum_sends: '0'
          opt_out_rate: {levels: [{at: 0.1, severity: INFO}, {at: 0.1, severity: INFO}]} | rise
          opt_out_rate: {levels: []} | at least one
          delivery_drop: {drop: 10} | delivery_drop.drop: '10'
          silent_input: {after: 1m} | silent_input.after: '1m'
          maximum_age: 1h | unknown field
          """)
  void saysWhatIsWrong(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theSchemaForEditorsKnowsTheSameFields() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode schema = json.readTree(CONFIG.resolve("schemas/list-health.schema.json").toFile());
    var validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
    JsonNode good =
        json.readTree(
            "{\"max_age\":\"24h\",\"hysteresis\":0.8,\"opt_out_rate\":{\"levels\":[{\"at\":0.02,"
                + "\"severity\":\"WARNING\"}],\"minimum_sends\":500,\"minimum_opt_outs\":10},"
                + "\"delivery_drop\":{\"drop\":0.1,\"minimum_messages\":200,"
                + "\"minimum_baseline_messages\":1000,\"settle\":\"1h\",\"calm_hours\":2},"
                + "\"silent_input\":{\"after\":\"30m\",\"minimum_expected\":20,"
                + "\"all_after\":\"6h\",\"minimum_events\":1000}}");
    assertThat(validator.validate(good)).isEmpty();
    // JSON is YAML, so that the parser must take what the schema takes.
    assertThatCodeTakes(good.toString());
    assertThat(validator.validate(json.readTree("{\"maximum_age\":\"1h\"}"))).isNotEmpty();
  }

  private static void assertThatCodeTakes(String document) {
    try {
      assertThat(parse(document))
          .isEqualTo(
              new ListHealthPolicy(
                  null,
                  ListHealthPolicy.DEFAULT.maxAgeMillis(),
                  ListHealthPolicy.DEFAULT.hysteresis(),
                  new ListHealthPolicy.OptOutRate(
                      ListHealthPolicy.DEFAULT.optOutRate().levels().subList(0, 1), 500, 10),
                  ListHealthPolicy.DEFAULT.deliveryDrop(),
                  ListHealthPolicy.DEFAULT.silentInput()));
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }
}
