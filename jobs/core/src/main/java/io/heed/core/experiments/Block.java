package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.List;

/**
 * Matured units of one epoch that are evidence together: those of the steps since the block before.
 *
 * @param epoch number of the epoch
 * @param through the last step that it covers, epoch milliseconds
 * @param arms counts per arm
 */
record Block(int epoch, long through, List<BinaryCounts> arms) {
  Block {
    arms = List.copyOf(arms);
  }

  /** Units of all arms. */
  long units() {
    long units = 0;
    for (BinaryCounts arm : arms) {
      units += arm.recipients();
    }
    return units;
  }

  Stratum<BinaryCounts> of(Pair pair) {
    return new Stratum<>(arms.get(pair.a()), arms.get(pair.b()));
  }

  /** With a correction of one arm's counts. */
  Block with(int arm, Tally change) {
    List<BinaryCounts> corrected = new ArrayList<>(arms);
    BinaryCounts counts = arms.get(arm);
    corrected.set(
        arm,
        Tally.of(counts.recipients() + change.recipients(), counts.successes() + change.successes())
            .binary());
    return new Block(epoch, through, corrected);
  }

  void write(BinaryWriter out) {
    out.writeSigned(epoch);
    out.writeSigned(through);
    out.writeUnsigned(arms.size());
    for (BinaryCounts arm : arms) {
      out.writeSigned(arm.recipients());
      out.writeSigned(arm.successes());
    }
  }

  static Block read(BinaryReader in) throws BinaryException {
    int epoch = in.readSignedInt();
    long through = in.readSigned();
    int size = in.readCount();
    List<BinaryCounts> arms = new ArrayList<>(size);
    for (int arm = 0; arm < size; arm++) {
      arms.add(new BinaryCounts(in.readSigned(), in.readSigned()));
    }
    return new Block(epoch, through, arms);
  }
}
