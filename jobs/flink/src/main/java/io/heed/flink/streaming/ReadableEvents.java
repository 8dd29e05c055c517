package io.heed.flink.streaming;

import io.heed.core.model.Event;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;

/**
 * The events that count: what cannot be read is skipped and counted here (the warehouse alone
 * writes it to the dead letters), and so is what is older than the horizon.
 */
public final class ReadableEvents extends RichFlatMapFunction<Input, Event> {
  private static final long serialVersionUID = 1L;

  private transient Counter unreadable;
  private transient Counter late;

  @Override
  public void open(OpenContext context) {
    unreadable = getRuntimeContext().getMetricGroup().counter("heed_unreadable");
    late = getRuntimeContext().getMetricGroup().counter("heed_late");
  }

  @Override
  public void flatMap(Input input, Collector<Event> out) {
    if (input.unreadable() != null) {
      unreadable.inc();
    } else if (input.late()) {
      late.inc();
    } else if (input.content() instanceof Event event && event.recipientId() != null) {
      out.collect(event);
    }
  }
}
