package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.AnnotationConsumer;

/** Loads the cases that a {@link Reference} names. */
final class ReferenceCases implements ArgumentsProvider, AnnotationConsumer<Reference> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Reference reference;

  @Override
  public void accept(Reference annotation) {
    reference = annotation;
  }

  @Override
  public Stream<? extends Arguments> provideArguments(ExtensionContext context) throws IOException {
    List<ReferenceCase> cases = load(reference.file());
    if (!reference.where().isEmpty()) {
      String[] condition = reference.where().split("=", 2);
      cases.removeIf(c -> !c.inputs().path(condition[0]).asText().equals(condition[1]));
    }
    assertThat(cases).as("cases of %s", reference.file()).hasSize(reference.cases());
    return cases.stream().map(Arguments::of);
  }

  static List<ReferenceCase> load(String file) throws IOException {
    try (InputStream in =
        ReferenceCases.class.getResourceAsStream("/statistics/" + file + ".json")) {
      assertThat(in).as("resource %s", file).isNotNull();
      JsonNode root = JSON.readTree(in);
      List<ReferenceCase> cases = new ArrayList<>();
      for (JsonNode node : root.get("cases")) {
        cases.add(
            new ReferenceCase(
                node.get("id").asText(),
                node.get("inputs"),
                node.get("outputs"),
                root.get("tolerance")));
      }
      return cases;
    }
  }
}
