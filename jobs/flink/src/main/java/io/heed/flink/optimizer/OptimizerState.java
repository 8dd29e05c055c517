package io.heed.flink.optimizer;

import io.heed.core.outcomes.CampaignFact;
import io.heed.flink.streaming.CompactTypeInfo;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.OutputTag;

/** State of the job, by name. */
final class OptimizerState {
  /** By recipient: {@link io.heed.core.signals.Engagement}. */
  static final ValueStateDescriptor<byte[]> ENGAGEMENT = bytes("engagement");

  /** By recipient: {@link io.heed.core.outcomes.FollowedPerson}. */
  static final ValueStateDescriptor<byte[]> FOLLOWED = bytes("followed");

  /** By list: {@link io.heed.core.outcomes.ListLedger}. */
  static final ValueStateDescriptor<byte[]> LEDGER = bytes("ledger");

  /** By list: {@link io.heed.core.outcomes.DayCounts} by UTC day, of days that are open. */
  static final MapStateDescriptor<Integer, byte[]> DAYS =
      new MapStateDescriptor<>(
          "days", Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

  /** By campaign: {@link io.heed.core.outcomes.CampaignLedger}. */
  static final ValueStateDescriptor<byte[]> CAMPAIGN = bytes("campaign");

  /** On every task: the newest model by list. */
  static final MapStateDescriptor<String, ListModel> MODELS =
      new MapStateDescriptor<>("models", Types.STRING, ListModel.TYPE);

  /** On every task: the models of the last days by list and day. */
  static final MapStateDescriptor<String, ListModel> HELD_MODELS =
      new MapStateDescriptor<>("held-models", Types.STRING, ListModel.TYPE);

  /** The models of lists whose day has closed. */
  static final OutputTag<ListModel> LIST_MODELS = new OutputTag<>("list-models", ListModel.TYPE);

  /** What campaigns' factors are made of, before event time has passed it. */
  static final OutputTag<CampaignFact> CAMPAIGN_FACTS =
      new OutputTag<>("campaign-facts", CompactTypeInfo.ofRecords(CampaignFact.class));

  private OptimizerState() {}

  private static ValueStateDescriptor<byte[]> bytes(String name) {
    return new ValueStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }
}
