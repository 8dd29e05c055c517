package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ErasedRecipients;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the gate reads of its topics directly, beside the records that flow to it. */
interface GateLog extends AutoCloseable {
  /** Opens logs where the gate runs. */
  interface Opener extends Serializable {
    GateLog open();

    HeartbeatLog heartbeats();
  }

  /**
   * Where the gate's inputs and the verdicts end.
   *
   * @param at wall clock before they were requested, epoch milliseconds
   * @param offsets the offset after the last record of each partition; 0 for one that holds nothing
   * @param oldestUnread of partitions that are read with a delay: when the first record that has
   *     not been read was appended, by the broker's clock, epoch milliseconds
   */
  record Ends(long at, Map<Part, Long> offsets, Map<Part, Long> oldestUnread) {}

  /** Every version of every configuration document at this moment. */
  List<ConfigVersion> configuration();

  /** Who was erased up to this moment. */
  ErasedRecipients erased();

  /** Hands out what has been decided about experiments up to this moment. */
  void experiments(Consumer<ExperimentDecision> each);

  /** Hands out what the optimizer has learnt up to this moment. */
  void values(Consumer<ValueModelVersion> each);

  /**
   * Where the inputs end now.
   *
   * @param at the wall clock, which the result carries
   * @param read the offsets that have been reached: what lies between one of them and an end, if it
   *     is no record (a transaction's marker), is left out
   */
  Ends ends(long at, Map<Part, Long> read);

  /**
   * Hands out the verdicts from given offsets on to the present end.
   *
   * @param from offset by partition; from the oldest record where there is none
   */
  void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each);

  @Override
  void close();
}
