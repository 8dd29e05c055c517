package io.heed.cli.demo;

import java.sql.Connection;
import java.sql.SQLException;

/** Where the results of a run are. */
@FunctionalInterface
public interface Warehouse {
  /** Opens the deployment's database. */
  Connection connect() throws SQLException;
}
