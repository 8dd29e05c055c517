package io.heed.cli.config;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.Document;
import io.heed.core.config.DocumentKind;
import java.time.Instant;
import java.util.List;

/** A kind of document with a number that may grow but never shrink. */
record TestingDocument(String id, Instant effectiveFrom, long limit) implements Document {
  static final DocumentKind<TestingDocument> LIMITS =
      new DocumentKind<>(
          "limit",
          "limits/*.yaml",
          TestingDocument::parse,
          (previous, since, next, now) ->
              next.limit < previous.limit
                  ? List.of("limit %d may not fall below %d".formatted(next.limit, previous.limit))
                  : List.of());

  private static TestingDocument parse(String name, String text) throws ConfigException {
    return ConfigReader.read(
        name,
        text,
        root ->
            new TestingDocument(
                root.required("id").text(),
                root.optional("effective_from").map(ConfigNode::instant).orElse(null),
                root.required("limit").integer(1, 100)));
  }
}
