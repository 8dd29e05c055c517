package io.heed.core.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.heed.core.config.ConfigException;
import io.heed.core.model.Category;
import io.heed.core.rules.Cap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class PolicyTest {
  private static final Path CONFIG = Path.of("../../experiment-config");

  static Stream<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(CONFIG.resolve("policies"));
        Stream<Path> examples = Files.list(CONFIG.resolve("examples/policies"))) {
      // The other kinds of policies have tests of their own.
      return Stream.concat(files, examples)
          .filter(file -> !file.endsWith("attribution.yaml") && !file.endsWith("list-health.yaml"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void shippedPoliciesAreValidAndRequireConsent(Path file) throws Exception {
    String document = Files.readString(file);
    Policy policy = Policy.parse(file.toString(), document);
    assertThat(policy.consentRequired()).isTrue();
    assertThat(file).hasFileName(policy.id() + ".yaml");
    assertThat(schema().validate(json(document), InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "caps:\\n  - {window: 30d}; 3; caps[0].limit",
        "caps:\\n  - {limit: 0, window: 30d}; 3; an integer from 1",
        "caps:\\n  - {limit: 1, window: 32d}; 3; to 31d",
        "caps:\\n  - {limit: 1}; 3; window: 30d, or per: month",
        "caps:\\n  - {limit: 1, window: 1d, per: day}; 3; window: 30d, or per: month",
        "caps:\\n  - {limit: 1, per: year}; 3; DAY, WEEK, MONTH",
        "consent: maybe; 2; assumed, required",
        "quiet_hours:\\n  allowed: {from: 20:00, to: 09:00}; 3; from must lie before to",
        "quiet_hours:\\n  allowed: {from: 25:00, to: 26:00}; 3; a time of day",
        "list: [a]; 2; did you mean 'lists'",
        "holdout: {start: 2026-01-01}; 2; holdout.share",
        "holdout: {share: 0.1}; 2; holdout.start",
        "holdout: {share: 10, start: 2026-01-01}; 2; 0.9999",
        "holdout: {share: 0.1, start: 2026-01-01, until: 2026-01-01}; 2; must lie after start",
        "holdout: {share: 0.1, start: 2026-01-01, categories: [TRANSACTIONAL]}; 2; PROMOTIONAL, CONVERSATIONAL",
        "holdout: {share: 0.1, start: 2026-01-01, categories: []}; 2; nothing is held back",
        "holdout: {share: 0.1, start: 2026-01-01, salt: A B}; 2; lower-case letters",
        "sunset: maybe; 2; allow, deny",
        "optimise: {margin: 0.3}; 2; optimise.mode",
        "optimise: {mode: fast}; 2; OFF, SHADOW, TEST, ON",
        "optimise: {mode: on, opt_outs: none}; 2; FREE, AT_MOST_CONTROL",
        "optimise: {mode: on, salt: A B}; 2; lower-case letters",
        "optimise: {mode: on, margin: 30}; 2; optimise.margin",
        "optimise: {mode: on, control: 1}; 2; optimise.control",
        "lists: [vip]\\nholdout: {share: 0.1, start: 2026-01-01}; 3; in a policy without lists",
      })
  void aWrongPolicyIsRefusedWithLineAndWhatIsAllowed(String yaml, int line, String emitted) {
    String document = "id: p\n" + yaml.replace("\\n", "\n") + "\n";
    ConfigException refused =
        catchThrowableOfType(ConfigException.class, () -> Policy.parse("p.yaml", document));
    assertThat(refused.errors().get(0).line()).isEqualTo(line);
    assertThat(refused.getMessage()).contains("p.yaml:" + line + ":");
    assertThat(refused.getMessage()).contains(emitted);
    // A schema cannot compare two fields, nor lengths of time.
    if (!emitted.contains("before") && !emitted.contains("after") && !emitted.contains("31d")) {
      assertThat(schemaErrors(document)).isTrue();
    }
  }

  @Test
  void readsWhatItSays() throws Exception {
    Policy vip = Policy.parse("vip", Files.readString(CONFIG.resolve("policies/vip.yaml")));
    assertThat(vip.lists()).isEqualTo(Set.of("vip"));
    assertThat(vip.caps()).hasSize(4);
    Cap own = vip.caps().get(2);
    assertThat(own.windowMillis()).isEqualTo(Duration.ofHours(20).toMillis());
    assertThat(own.attempts()).isTrue();
    assertThat(own.list()).isEqualTo("vip");
    assertThat(vip.hours().fromMinute()).isEqualTo(600);
    assertThat(vip.hoursCategories()).containsExactly(Category.PROMOTIONAL);
  }

  @Test
  void theVersionOfAnEarlierInstantHeldThen() throws Exception {
    PolicyBook book = GateTest.policies("id: p\ncaps:\n  - {limit: 9, window: 24h}\n");
    book.add(GateTest.version("p", "id: p\ncaps:\n  - {limit: 2, window: 24h}\n", 1_000));
    assertThat(book.at(999).of("l").caps().get(0).limit()).isEqualTo(9);
    assertThat(book.at(1_000).of("l").caps().get(0).limit()).isEqualTo(2);
  }

  @Test
  void listsThatNoPolicyNamesKeepTheCustomaryCaps() throws Exception {
    Rules rules =
        GateTest.policies("id: p\nlists: [a]\ncaps:\n  - {limit: 9, window: 24h}\n").at(0);
    assertThat(rules.of("a").caps()).extracting(Cap::limit).containsExactly(9);
    assertThat(rules.of("b").caps()).extracting(Cap::limit).containsExactly(4, 1);
    assertThat(rules.of("b").version()).isEqualTo("default");
  }

  private static boolean schemaErrors(String document) {
    try {
      return !schema().validate(json(document), InputFormat.JSON).isEmpty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonSchema schema() throws IOException {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(Files.readString(CONFIG.resolve("schemas/policy.schema.json")));
  }

  /** YAML as an editor's validator sees it: objects, lists, numbers and texts. */
  private static String json(String yaml) throws IOException {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    Object value = new Load(settings).loadFromString(yaml);
    return new ObjectMapper().writeValueAsString(value);
  }
}
