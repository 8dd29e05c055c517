package io.heed.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads the rows of an export: CSV after RFC 4180 with a header, or one JSON object a line; plain
 * or gzipped, in UTF-8. The first bytes decide what the file is.
 */
final class Rows {
  /** 80 bits: among a hundred million rows, two alike by chance once in a hundred million files. */
  private static final int HASH_BYTES = 10;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build())
          .build();

  /** Takes the rows. */
  interface Sink {
    /** The header of a CSV file, before its rows. */
    void header(List<String> columns) throws ReplayException;

    /** A row: its cells by column, sorted by column. */
    void row(long number, SortedMap<String, String> cells) throws IOException;

    /** A row whose cells cannot be read. */
    void broken(RowError error);
  }

  private Rows() {}

  /**
   * Reads all rows.
   *
   * @throws ReplayException if the file is such that nothing can be read from there on
   */
  static void read(Path file, char delimiter, Sink sink) throws IOException, ReplayException {
    try (BufferedReader reader = open(file)) {
      if (startsWithBrace(reader)) {
        readJson(file.toString(), reader, sink);
      } else {
        readCsv(file.toString(), reader, delimiter, sink);
      }
    } catch (CharacterCodingException e) {
      throw new ReplayException(file + ": not text in UTF-8");
    }
  }

  private static BufferedReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean gzipped = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(
                  gzipped ? new GZIPInputStream(in, 1 << 16) : in,
                  StandardCharsets.UTF_8.newDecoder()));
      reader.mark(1);
      if (reader.read() != '\ufeff') {
        reader.reset();
      }
      return reader;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static boolean startsWithBrace(Reader reader) throws IOException {
    int first;
    do {
      reader.mark(1);
      first = reader.read();
    } while (first != -1 && Character.isWhitespace(first));
    reader.reset();
    return first == '{';
  }

  private static void readCsv(String file, Reader reader, char delimiter, Sink sink)
      throws IOException, ReplayException {
    CSVFormat format =
        CSVFormat.RFC4180.builder().setDelimiter(delimiter).setIgnoreEmptyLines(true).get();
    long number = 0;
    try (CSVParser parser = CSVParser.builder().setReader(reader).setFormat(format).get()) {
      Iterator<CSVRecord> records = parser.iterator();
      if (!records.hasNext()) {
        throw new ReplayException(file + ": empty (allowed: a header and rows)");
      }
      List<String> columns = records.next().toList();
      List<String> named = columns.stream().filter(column -> !column.isBlank()).toList();
      if (new HashSet<>(named).size() < named.size()) {
        throw new ReplayException(file + ": the header names a column twice: " + columns);
      }
      sink.header(named);
      while (records.hasNext()) {
        CSVRecord record = records.next();
        number++;
        if (record.size() != columns.size()) {
          sink.broken(
              new RowError(file, number, "", record.size() + " cells", columns.size() + " cells"));
          continue;
        }
        SortedMap<String, String> cells = new TreeMap<>();
        for (int i = 0; i < columns.size(); i++) {
          // A spreadsheet leaves empty columns behind; what stands in one has no name.
          if (!columns.get(i).isBlank()) {
            cells.put(columns.get(i), record.get(i));
          }
        }
        sink.row(number, cells);
      }
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof CSVException)) {
        throw e.getCause();
      }
      // A quote that is wrong swallows what follows: there is no next row to go on with.
      throw new ReplayException(
          new RowError(file, number + 1, "", "not CSV: " + e.getCause().getMessage(), "RFC 4180")
              .toString());
    }
  }

  private static void readJson(String file, BufferedReader reader, Sink sink) throws IOException {
    String line;
    for (long number = 1; (line = reader.readLine()) != null; number++) {
      if (line.isBlank()) {
        continue;
      }
      try {
        sink.row(number, cells(line));
      } catch (JsonProcessingException e) {
        String what = e.getOriginalMessage().lines().findFirst().orElse("");
        sink.broken(
            new RowError(file, number, "", "not JSON: " + RowException.shorten(what), "an object"));
      }
    }
  }

  /** The fields of an object: texts and numbers as they stand there, null as empty. */
  private static SortedMap<String, String> cells(String json) throws IOException {
    SortedMap<String, String> cells = new TreeMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonParseException(parser, "no object");
      }
      String name;
      while ((name = parser.nextFieldName()) != null) {
        JsonToken token = parser.nextToken();
        cells.put(
            name,
            token == JsonToken.VALUE_NULL
                ? ""
                : token.isScalarValue() ? parser.getText() : parser.readValueAsTree().toString());
      }
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "text follows the object");
      }
    }
    return cells;
  }

  /**
   * A hash of the content: of all cells that are not empty, whatever the order of the columns, so
   * that the same rows as CSV and as JSON are the same.
   */
  static String hash(SortedMap<String, String> cells) {
    MessageDigest digest = sha256();
    cells.forEach(
        (column, cell) -> {
          if (!cell.isEmpty()) {
            update(digest, column);
            update(digest, cell);
          }
        });
    return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
  }

  private static void update(MessageDigest digest, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (int shift = 24; shift >= 0; shift -= 8) {
      digest.update((byte) (utf8.length >> shift));
    }
    digest.update(utf8);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
