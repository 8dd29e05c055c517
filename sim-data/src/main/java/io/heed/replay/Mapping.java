package io.heed.replay;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What becomes of the rows of a data set. */
public final class Mapping {
  /** The mappings that come with Heed, by name. */
  public static final List<String> BUNDLED =
      List.of(
          "attentive",
          "cookie_cats",
          "hillstrom",
          "klaviyo",
          "path_data",
          "postscript",
          "twilio",
          "twilio_bulk",
          "upworthy");

  private final String file;
  private final String name;
  private final Instant base;
  private final String group;
  private final char delimiter;
  private final int row;
  private final Map<Integer, Value> values;
  private final List<Journey> journeys;
  private final List<Names.Column> columns;
  private final int slots;

  Mapping(
      String file,
      String name,
      Instant base,
      String group,
      char delimiter,
      int row,
      Map<Integer, Value> values,
      List<Journey> journeys,
      List<Names.Column> columns,
      int slots) {
    this.file = file;
    this.name = name;
    this.base = base;
    this.group = group;
    this.delimiter = delimiter;
    this.row = row;
    this.values = values;
    this.journeys = journeys;
    this.columns = columns;
    this.slots = slots;
  }

  /** The file it was read from, for messages. */
  String file() {
    return file;
  }

  /** Name of the data set; every id of its events starts with it. */
  public String name() {
    return name;
  }

  /** The instant that invented times count from; null if there is none. */
  public Instant base() {
    return base;
  }

  /** The column whose values distinguish groups of rows; null if there is none. */
  public String group() {
    return group;
  }

  char delimiter() {
    return delimiter;
  }

  List<Journey> journeys() {
    return journeys;
  }

  List<Names.Column> columns() {
    return columns;
  }

  /** What the names stand for in a row. */
  Scope scope(SourceRow row, Instant base) throws RowException {
    String[] texts = new String[slots];
    Scope scope = new Scope(texts, row.id(), base == null ? 0 : base.toEpochMilli());
    texts[this.row] = row.id();
    for (int i = 0; i < columns.size(); i++) {
      texts[columns.get(i).slot()] = row.values().get(i);
    }
    for (Map.Entry<Integer, Value> value : values.entrySet()) {
      texts[value.getKey()] = value.getValue().in(scope);
    }
    return scope;
  }
}
