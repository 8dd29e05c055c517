package io.heed.flink.streaming;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.flink.streaming.EventTime.Observed;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Gives inputs their timestamp, marks the late ones, and makes the watermarks, as {@link EventTime}
 * decides. An operator and not a watermark generator, since the time of a partition must outlive
 * restarts, and since lateness must not depend on which task read a record.
 */
public final class EventTimeOperator extends AbstractStreamOperator<Input>
    implements OneInputStreamOperator<Input, Input>, ProcessingTimeCallback {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 200;

  private static final ListStateDescriptor<Observed> OBSERVED =
      new ListStateDescriptor<>(
          "partitions", new CompactTypeInfo<>(Observed.class, new ObservedSerializer()));

  private final long latenessMillis;
  private final long horizonMillis;
  private final long idleMillis;

  private transient EventTime eventTime;
  private transient ListState<Observed> state;
  private transient boolean idle;
  private transient ScheduledFuture<?> nextAdvance;

  public EventTimeOperator(JobOptions options) {
    this.latenessMillis = options.latenessMillis();
    this.horizonMillis = options.horizonMillis();
    this.idleMillis = options.idleMillis();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    eventTime = new EventTime(latenessMillis, horizonMillis, idleMillis);
    // Union: whichever subtask gets a partition after a restart finds its time.
    state = context.getOperatorStateStore().getUnionListState(OBSERVED);
    eventTime.restore(state.get());
  }

  @Override
  public void open() throws Exception {
    super.open();
    onProcessingTime(getProcessingTimeService().getCurrentProcessingTime());
  }

  @Override
  public void processElement(StreamRecord<Input> element) {
    Input input = element.getValue();
    element.setTimestamp(input.time());
    if (input.movesTime()
        && eventTime.observe(input, getProcessingTimeService().getCurrentProcessingTime())) {
      input.markLate();
    }
    output.collect(element);
  }

  @Override
  public void onProcessingTime(long ignored) {
    long now = getProcessingTimeService().getCurrentProcessingTime();
    long watermark = eventTime.advance(now);
    if (!eventTime.starting()) {
      setIdle(watermark == EventTime.UNKNOWN);
      if (watermark != EventTime.UNKNOWN) {
        output.emitWatermark(new Watermark(watermark));
      }
    }
    nextAdvance = getProcessingTimeService().registerTimer(now + INTERVAL_MILLIS, this);
  }

  private void setIdle(boolean nowIdle) {
    if (nowIdle != idle) {
      idle = nowIdle;
      output.emitWatermarkStatus(idle ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE);
    }
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    // The source makes none of its own but the last one, when its input is bounded and has ended.
    if (mark.equals(Watermark.MAX_WATERMARK)) {
      setIdle(false);
      super.processWatermark(mark);
    }
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) {
    // What is idle is decided here.
  }

  @Override
  public void close() throws Exception {
    if (nextAdvance != null) {
      nextAdvance.cancel(false);
    }
    super.close();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.update(List.copyOf(eventTime.snapshot()));
  }

  /** Format 1: version, topic, partition, offset, largest instant, live. */
  public static final class ObservedSerializer extends BinarySerializer<Observed> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(Observed observed, BinaryWriter out) {
      out.writeByte(1);
      out.writeText(observed.topic());
      out.writeUnsigned(observed.partition());
      out.writeUnsigned(observed.offset());
      out.writeSigned(observed.maxTime());
      out.writeBoolean(observed.live());
    }

    @Override
    public Observed read(BinaryReader in) throws BinaryException {
      in.expectFormat("state of partitions", 1);
      return new Observed(
          in.readText(),
          in.readUnsignedInt(),
          in.readUnsigned(),
          in.readSigned(),
          in.readBoolean());
    }
  }
}
