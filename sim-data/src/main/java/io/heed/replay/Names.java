package io.heed.replay;

import io.heed.core.config.ConfigNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The names that a mapping uses, each with its slot in a {@link Scope}. A name that the mapping
 * does not declare is a column of the file. Names declared by a journey or an event are unknown
 * outside of it.
 */
final class Names {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]*");

  /**
   * A column that the mapping reads.
   *
   * @param line of its first use in the mapping
   * @param path of the field that uses it
   */
  record Column(String name, int slot, int line, String path) {}

  private final Names outer;
  private final Map<String, Integer> declared = new HashMap<>();
  private final Map<String, Column> columnsByName;
  private final List<Column> columns;
  private final int[] size;

  Names() {
    this(null, new HashMap<>(), new ArrayList<>(), new int[1]);
  }

  private Names(Names outer, Map<String, Column> byName, List<Column> columns, int[] size) {
    this.outer = outer;
    this.columnsByName = byName;
    this.columns = columns;
    this.size = size;
  }

  /** Names of a part of the mapping: its own and all of these. */
  Names inner() {
    return new Names(this, columnsByName, columns, size);
  }

  /** Makes a name known from here on. */
  int declare(String name) {
    int slot = size[0]++;
    declared.put(name, slot);
    return slot;
  }

  /** The slot of a name that {@code user} uses. */
  int slot(String name, ConfigNode user) {
    for (Names names = this; names != null; names = names.outer) {
      Integer slot = names.declared.get(name);
      if (slot != null) {
        return slot;
      }
    }
    Column column = columnsByName.get(name);
    if (column == null) {
      column = new Column(name, size[0]++, user.line(), user.path());
      columnsByName.put(name, column);
      columns.add(column);
    }
    return column.slot();
  }

  /** The columns in the order of their first use. */
  List<Column> columns() {
    return List.copyOf(columns);
  }

  /** How many slots there are. */
  int size() {
    return size[0];
  }

  /** A name that a mapping gives. */
  static String text(ConfigNode node) {
    return node.text(NAME, "lower-case letters, digits, - and _, a letter first");
  }
}
