package io.heed.flink.listhealth;

import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.Watched;
import io.heed.flink.streaming.CompactTypeInfo;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.util.OutputTag;

/** State and side outputs of the job, by name. */
final class ListHealthState {
  /** Differences of what alerts watch. */
  static final OutputTag<RowDelta> WATCHED =
      new OutputTag<>("watched", new CompactTypeInfo<>(RowDelta.class, new RowDeltaSerializer()));

  /** By hash of the recipient: {@link io.heed.core.listhealth.RecipientFacts}. */
  static final ValueStateDescriptor<byte[]> RECIPIENT_FACTS =
      new ValueStateDescriptor<>(
          "recipient-facts", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** By list or campaign and hour: {@link HourRows}. */
  static final ValueStateDescriptor<byte[]> ROW_TOTALS =
      new ValueStateDescriptor<>(
          "row-totals", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** By subject of an alert. */
  static final ValueStateDescriptor<Watched> WATCHED_COUNTS =
      new ValueStateDescriptor<>(
          "watched-counts", new CompactTypeInfo<>(Watched.class, new WatchedSerializer()));

  private ListHealthState() {}
}
