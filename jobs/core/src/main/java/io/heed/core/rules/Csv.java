package io.heed.core.rules;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/** The data files beside the rules: CSV with a header, lines that begin with # are comments. */
public final class Csv {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setCommentMarker('#')
          .setIgnoreEmptyLines(true)
          .setTrim(true)
          .get();

  private Csv() {}

  /** Every row of a resource of this package. */
  static List<CSVRecord> rows(String resource) {
    return rows(Csv.class, resource);
  }

  /** Every row of a resource in the package of {@code beside}. */
  public static List<CSVRecord> rows(Class<?> beside, String resource) {
    try (var in = Objects.requireNonNull(beside.getResourceAsStream(resource), resource);
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      return FORMAT.parse(reader).getRecords();
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
