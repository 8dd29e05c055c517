package io.heed.core.statistics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;

/** One case of a reference file, with the file's tolerance. */
record ReferenceCase(String id, JsonNode inputs, JsonNode outputs, JsonNode tolerance) {
  double in(String name) {
    return number(inputs.required(name));
  }

  long count(String name) {
    return inputs.required(name).longValue();
  }

  double out(String name) {
    return number(outputs.required(name));
  }

  double[] ins(String name) {
    return numbers(inputs.required(name));
  }

  double[] outs(String name) {
    return numbers(outputs.required(name));
  }

  /** The offset that the file's tolerance of this name allows. */
  Offset<Double> absolute(String name) {
    return Offset.offset(tolerance.required(name).doubleValue());
  }

  /** The offset that the file's relative tolerance allows; 1e-12 where 0 is expected. */
  Offset<Double> relative(String name, double expected) {
    double offset = tolerance.required(name).doubleValue() * Math.abs(expected);
    return Offset.offset(expected == 0 ? 1e-12 : offset);
  }

  static double number(JsonNode node) {
    return node.isTextual() ? Double.parseDouble(node.textValue()) : node.doubleValue();
  }

  static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(ReferenceCase::number)
        .toArray();
  }

  /** The blocks of an exact 2x2 case. */
  List<Stratum<BinaryCounts>> blocks() {
    List<Stratum<BinaryCounts>> blocks = new ArrayList<>();
    for (JsonNode block : inputs.required("blocks")) {
      blocks.add(
          new Stratum<>(
              new BinaryCounts(block.get("n_a").longValue(), block.get("successes_a").longValue()),
              new BinaryCounts(
                  block.get("n_b").longValue(), block.get("successes_b").longValue())));
    }
    return blocks;
  }

  @Override
  public String toString() {
    return id;
  }
}
