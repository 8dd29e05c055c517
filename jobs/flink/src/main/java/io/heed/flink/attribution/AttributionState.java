package io.heed.flink.attribution;

import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.TransitionCounts;
import java.util.Map;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.OutputTag;

/** State and side outputs of the job, by name. */
final class AttributionState {
  /** By recipient: {@link io.heed.core.attribution.History}. */
  static final ValueStateDescriptor<byte[]> HISTORY =
      new ValueStateDescriptor<>("history", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** Of the one key of all paths: counts by UTC day. */
  static final MapStateDescriptor<Integer, TransitionCounts> TRANSITIONS =
      new MapStateDescriptor<>("transitions", Types.INT, AttributionSerializers.TRANSITION_COUNTS);

  /** By recipient: conversions whose day's model is on its way. */
  static final ListStateDescriptor<MarkovCredit> WAITING =
      new ListStateDescriptor<>("waiting", AttributionSerializers.MARKOV_CREDIT);

  /** On every task: removal effects by UTC day. */
  static final MapStateDescriptor<Integer, Map<String, Double>> MODELS =
      new MapStateDescriptor<>("models", Types.INT, Types.MAP(Types.STRING, Types.DOUBLE));

  /** By experiment: {@link io.heed.core.attribution.LiftLedger}. */
  static final ValueStateDescriptor<byte[]> LIFT =
      new ValueStateDescriptor<>("lift", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** Steps of paths that have ended, added up. */
  static final OutputTag<DayTransitions> PATHS =
      new OutputTag<>("paths", AttributionSerializers.DAY_TRANSITIONS);

  /** Conversions whose day has closed. */
  static final OutputTag<MarkovCredit> CLOSED =
      new OutputTag<>("closed", AttributionSerializers.MARKOV_CREDIT);

  /** Recipients whose window of an experiment has passed, added up. */
  static final OutputTag<LiftDelta> UNITS =
      new OutputTag<>("units", AttributionSerializers.LIFT_DELTA);

  private AttributionState() {}
}
