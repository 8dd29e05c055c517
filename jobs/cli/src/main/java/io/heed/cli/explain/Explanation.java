package io.heed.cli.explain;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Explains what is decided about one kind of thing. */
interface Explanation {
  /** A readable account, line by line; empty if the id is none that it knows. */
  List<String> of(Connection warehouse, String id) throws SQLException;
}
