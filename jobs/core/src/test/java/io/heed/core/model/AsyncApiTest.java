package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The document is AsyncAPI by its own JSON Schema (Apache-2.0, from @asyncapi/specs 6.11.1). */
class AsyncApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path COMMITTED = Path.of("../../docs/asyncapi.json");

  private final ObjectNode document = AsyncApi.of(new TopicNames(""));

  @Test
  void isValid() throws IOException {
    assertThat(schema().validate(document)).isEmpty();
  }

  @Test
  void theSchemaFindsMistakes() throws IOException {
    ObjectNode broken = document.deepCopy();
    ((ObjectNode) broken.at("/channels/sms.send/bindings/kafka/topicConfiguration"))
        .put("retention.ms", "long");
    ((ObjectNode) broken.at("/operations/receive-sms.send")).put("action", "publish");
    ((ObjectNode) broken.at("/components/messages/sms.send/payload")).put("maxLength", -1);
    assertThat(schema().validate(broken).toString())
        .contains("retention.ms", "action", "maxLength");
  }

  @Test
  void theCommittedDocumentIsTheGeneratedOne() throws IOException {
    String generated = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
    if (Boolean.getBoolean("heed.regenerate")) {
      Files.writeString(COMMITTED, generated);
    }
    assertThat(COMMITTED)
        .as("regenerate with: mvn test -pl jobs/core -Dheed.regenerate=true")
        .hasContent(generated);
  }

  @ParameterizedTest
  @EnumSource(Topic.class)
  void everyTopicHasAChannelAMessageAndAnOperation(Topic topic) {
    JsonNode prefixed = AsyncApi.of(new TopicNames("eu."));
    String name = topic.baseName();
    assertThat(prefixed.path("channels").path(name).path("address").asText())
        .isEqualTo("eu." + name);
    assertThat(prefixed.path("components").path("messages").path(name).path("payload"))
        .isEqualTo(JsonSchemas.of(topic).without("$schema"));
    assertThat(prefixed.path("operations"))
        .anyMatch(each -> each.at("/channel/$ref").asText().equals("#/channels/" + name));
  }

  private static JsonSchema schema() throws IOException {
    try (InputStream gzipped = AsyncApiTest.class.getResourceAsStream("asyncapi-3.0.0.json.gz");
        InputStream json = new GZIPInputStream(gzipped)) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(json);
    }
  }
}
