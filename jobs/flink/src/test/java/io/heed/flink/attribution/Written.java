package io.heed.flink.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.AttributionCreditRow;
import io.heed.flink.streaming.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a plain SELECT would return of the outputs: of each key the highest version. */
final class Written {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<String, ObjectNode> rows = new TreeMap<>();

  void add(Output output) {
    ObjectNode row;
    try {
      row = (ObjectNode) JSON.readTree(output.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    rows.merge(output.key(), row, (a, b) -> a.get("seq").asLong() > b.get("seq").asLong() ? a : b);
  }

  /** The rows without their versions, by key. */
  Map<String, String> select() {
    Map<String, String> select = new TreeMap<>();
    rows.forEach(
        (key, row) -> {
          if (!row.has("credit") || row.get("credit").decimalValue().signum() > 0) {
            select.put(key, row.deepCopy().without("seq").toString());
          }
        });
    assertThat(select).isNotEmpty();
    return select;
  }

  List<? extends JsonNode> credits(String model) {
    return rows.values().stream()
        .filter(row -> row.get("table").asText().equals(AttributionCreditRow.TABLE))
        .filter(row -> row.get("model").asText().equals(model))
        .filter(row -> row.get("credit").decimalValue().signum() > 0)
        .toList();
  }
}
