package io.heed.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Something that reads what comes from outside.
 *
 * @param name for people
 * @param inputs how many mutated inputs the short run takes
 * @param seeds well-formed inputs
 * @param reader takes an input; an exception that leaves it is a fault
 */
record FuzzTarget(String name, int inputs, List<byte[]> seeds, Reader reader) {
  @FunctionalInterface
  interface Reader {
    void read(byte[] input) throws Exception;
  }

  static List<byte[]> texts(Stream<String> texts) {
    return texts.map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
