package io.heed.bench;

import io.heed.core.model.Event;
import io.heed.core.model.Field;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaInputs;
import io.heed.flink.streaming.KafkaOutputs;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.ReadableEvents;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The least that a job of a kind can cost, to hold the real jobs against: same source, same
 * decoder, same records, same sink, and nothing decided in between.
 */
final class Baselines {
  private Baselines() {}

  /** Decodes every event, then discards it. */
  static void decode(StreamExecutionEnvironment env, JobOptions options) {
    events(env, options, "bench-decode").sinkTo(new DiscardingSink<>()).uid("bench-decode-discard");
  }

  /**
   * Decodes, keys by recipient, reads and writes one value of {@code stateBytes} per event, and
   * writes one record to Kafka per send.
   */
  static void state(StreamExecutionEnvironment env, JobOptions options, int stateBytes) {
    DataStream<Output> written =
        events(env, options, "bench-state")
            .keyBy(Event::recipientId, Types.STRING)
            .process(new ReadAndWrite(stateBytes))
            .returns(Output.TYPE)
            .uid("bench-state-value");
    KafkaOutputs.write(written, options, "bench-state", "output");
  }

  private static DataStream<Event> events(
      StreamExecutionEnvironment env, JobOptions options, String job) {
    return KafkaInputs.read(env, options, job, Topic.events())
        .flatMap(new ReadableEvents())
        .returns(CompactTypeInfo.EVENT)
        .uid(job + "-events");
  }

  /** What the baseline writes per send: as large as a typical decision. */
  record Written(
      @Field("Recipient.") String recipientId,
      @Field("List.") String listId,
      @Field("Campaign.") String campaignId,
      @Field("Message.") String messageId,
      @Field("Instant of the send, epoch milliseconds UTC.") long eventTime) {}

  private static final class ReadAndWrite extends KeyedProcessFunction<String, Event, Output> {
    private static final long serialVersionUID = 1L;

    private final int stateBytes;
    private transient ValueState<byte[]> state;

    ReadAndWrite(int stateBytes) {
      this.stateBytes = stateBytes;
    }

    @Override
    public void open(OpenContext context) {
      state =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>(
                      "value", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void processElement(Event event, Context context, Collector<Output> out)
        throws Exception {
      byte[] value = state.value();
      byte[] next = value == null ? new byte[stateBytes] : value.clone();
      next[(next[0] & 0x7f) % stateBytes]++;
      state.update(next);
      if (event instanceof Send send) {
        Written written =
            new Written(
                send.recipientId(),
                send.listId(),
                send.campaignId(),
                send.messageId(),
                send.eventTime());
        out.collect(Output.of(Topic.LIST_HEALTH_RESULT, send.recipientId(), written));
      }
    }
  }
}
