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

  /** The epochs of an exact 2x2 case, or its single one. */
  List<Stratum<BinaryCounts>> epochs() {
    List<Stratum<BinaryCounts>> epochs = new ArrayList<>();
    for (JsonNode epoch : inputs.has("epochs") ? inputs.get("epochs") : List.of(inputs)) {
      epochs.add(
          new Stratum<>(
              epoch.get("assignment_probability_b").doubleValue(),
              new BinaryCounts(epoch.get("n_a").longValue(), epoch.get("successes_a").longValue()),
              new BinaryCounts(
                  epoch.get("n_b").longValue(), epoch.get("successes_b").longValue())));
    }
    return epochs;
  }

  @Override
  public String toString() {
    return id;
  }
}
