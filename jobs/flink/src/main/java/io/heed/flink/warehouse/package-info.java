/**
 * The warehouse: everything of all topics, in and out, in ClickHouse, where a plain SELECT shows
 * every fact exactly once. It is the only job that knows the database and the only one that writes
 * dead letters.
 */
package io.heed.flink.warehouse;
