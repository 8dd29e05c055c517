package io.heed.flink.warehouse;

import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes events as the job does, without Kafka. */
public final class EventFeed implements AutoCloseable {
  private final DatabaseStore store;
  private long offset;

  public EventFeed(JobOptions options) {
    this.store = new DatabaseStore(new Database(options));
  }

  /** Makes the tables if they are missing. */
  public void prepare() throws SQLException {
    store.prepare();
  }

  /** Inserts one batch. */
  public void insert(List<Event> events) throws SQLException {
    List<Row> rows = new ArrayList<>(events.size());
    for (Event event : events) {
      rows.add(new Row(event, Topic.SEND.baseName(), 0, offset++, event.eventTime(), false, null));
    }
    store.insert(Table.EVENTS, rows);
  }

  @Override
  public void close() {
    store.close();
  }
}
