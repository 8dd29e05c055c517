package io.heed.cli.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.heed.cli.UserError;
import io.heed.core.model.RecipientIds;
import io.heed.flink.sendgate.SavedGate;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed state}: what a savepoint of the send gate knows of one recipient. */
@Command(
    name = "state",
    description = {
      "Prints what a savepoint or checkpoint of the send gate knows of one recipient:"
          + " suppressions,",
      "consent, messages that count for caps, verdicts, variants. To start a deployment with the"
          + " past",
      "of another system, see heed replay."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed state /var/heed/savepoints/savepoint-1a2b3c +12125550123",
      "  ./heed state .heed/flink/checkpoints/send-gate/000001/*/chk-42 +12125550123 --json"
    })
public final class StateCommand implements Callable<Integer> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .serializationInclusion(JsonInclude.Include.NON_EMPTY)
          .configure(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, false)
          .configure(SerializationFeature.INDENT_OUTPUT, true)
          .build();

  @Parameters(index = "0", paramLabel = "SAVEPOINT", description = "The savepoint's directory.")
  private String savepoint;

  @Parameters(index = "1", paramLabel = "RECIPIENT", description = "The recipient's id.")
  private String recipient;

  @Option(names = "--json", description = "Prints one JSON object instead of text.")
  private boolean json;

  @Option(
      names = "--default-country",
      paramLabel = "COUNTRY",
      defaultValue = "US",
      description =
          "Country of phone numbers that are written without a plus, as the jobs have it; none:"
              + " they are pseudonyms (default: ${DEFAULT-VALUE}).")
  private String country;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    SavedGate.Found found;
    try {
      String id = new RecipientIds(country).canonical(recipient, null);
      found = SavedGate.open(savepoint).find(id);
    } catch (IllegalArgumentException | IOException e) {
      throw new UserError(e.getMessage(), e);
    }
    if (found.recipient() == null) {
      throw new UserError("%s knows nothing of %s".formatted(savepoint, recipient));
    }
    if (json) {
      out.println(json(found));
    } else {
      AccountText.lines(recipient, found).forEach(out::println);
    }
    return 0;
  }

  private static String json(SavedGate.Found found) {
    try {
      return JSON.writeValueAsString(found);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
