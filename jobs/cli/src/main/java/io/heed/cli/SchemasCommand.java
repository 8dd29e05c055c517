package io.heed.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.model.AsyncApi;
import io.heed.core.model.JsonSchemas;
import io.heed.core.model.TopicNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heed schemas}: what the topics carry, for machines. */
@Command(
    name = "schemas",
    description = {
      "Writes the JSON Schema of every topic, as a schema registry takes them, and the AsyncAPI 3",
      "document of all of them."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed schemas --out schemas",
      "  ./heed schemas --out schemas --topic-prefix eu."
    })
final class SchemasCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory to write into; it is made if it is missing.")
  private Path directory;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "The deployment's prefix of topic names (default: none).")
  private String prefix;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    TopicNames names = new TopicNames(prefix);
    Map<String, JsonNode> files = new LinkedHashMap<>();
    JsonSchemas.all().forEach((file, schema) -> files.put(prefix + file, schema));
    files.put("asyncapi.json", AsyncApi.of(names));
    try {
      Files.createDirectories(directory);
      for (Map.Entry<String, JsonNode> file : files.entrySet()) {
        Files.writeString(
            directory.resolve(file.getKey()),
            JSON.writerWithDefaultPrettyPrinter().writeValueAsString(file.getValue()) + "\n");
      }
    } catch (IOException e) {
      throw UserError.of("--out " + directory, e);
    }
    spec.commandLine().getOut().printf("%d files in %s%n", files.size(), directory);
    return 0;
  }
}
