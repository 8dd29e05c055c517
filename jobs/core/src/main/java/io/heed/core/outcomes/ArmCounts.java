package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;

/** People who entered the optimizer's comparison on a list, and who left it, by arm. */
final class ArmCounts {
  private final long[] people = new long[2];
  private final long[] left = new long[2];

  void enter(boolean optimised) {
    people[index(optimised)]++;
  }

  void leave(boolean optimised) {
    left[index(optimised)]++;
  }

  long people(boolean optimised) {
    return people[index(optimised)];
  }

  long left(boolean optimised) {
    return left[index(optimised)];
  }

  private static int index(boolean optimised) {
    return optimised ? 1 : 0;
  }

  void merge(ArmCounts other) {
    for (int arm = 0; arm < 2; arm++) {
      people[arm] += other.people[arm];
      left[arm] += other.left[arm];
    }
  }

  void write(BinaryWriter out) {
    for (int arm = 0; arm < 2; arm++) {
      out.writeUnsigned(people[arm]);
      out.writeUnsigned(left[arm]);
    }
  }

  static ArmCounts read(BinaryReader in) throws BinaryException {
    ArmCounts counts = new ArmCounts();
    for (int arm = 0; arm < 2; arm++) {
      counts.people[arm] = in.readUnsigned();
      counts.left[arm] = in.readUnsigned();
    }
    return counts;
  }

  @Override
  public String toString() {
    return "[%d %d %d %d]".formatted(people[1], left[1], people[0], left[0]);
  }
}
