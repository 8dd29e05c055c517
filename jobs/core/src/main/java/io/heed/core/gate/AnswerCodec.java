package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.model.Category;
import io.heed.core.model.Verdict;

/** The bytes of an answer. Of the flags, bits 0 and 1 are the verdict, 3 and 4 the category. */
final class AnswerCodec {
  private static final Category[] CATEGORIES = Category.values();
  private static final Verdict[] VERDICTS = Verdict.values();
  private static final int USED = 1 << 2;
  private static final int DRAWN = 1 << 5;
  private static final int NOT_BEFORE = 1 << 6;

  private AnswerCodec() {}

  static void write(Answer answer, StateWriter out) {
    out.writeLong(answer.hash);
    out.writeByte(
        (answer.verdict == null ? 0 : 1 + answer.verdict.ordinal())
            | (answer.used ? USED : 0)
            | (answer.category == null ? 0 : (1 + answer.category.ordinal()) << 3)
            | (answer.variant == null ? 0 : DRAWN)
            | (answer.notBefore > 0 ? NOT_BEFORE : 0));
    out.writeInstant(answer.decidedAt);
    out.writeInstant(answer.expiresAt);
    if (answer.verdict == null) {
      return;
    }
    out.writeUnsigned(answer.reasons);
    out.writeShared(answer.list);
    MessageCodec.writeTags(answer.tags, out);
    out.writeInt(answer.campaignHash);
    if (answer.notBefore > 0) {
      out.writeInstant(answer.notBefore);
    }
    if (answer.variant != null) {
      out.writeShared(answer.variant);
      out.writeUnsigned(answer.epoch);
    }
  }

  static Answer read(StateReader in) throws BinaryException {
    Answer answer = new Answer();
    answer.hash = in.readLong();
    int bits = in.readByte();
    int verdict = bits & 3;
    int category = (bits >> 3) & 3;
    answer.verdict = verdict == 0 ? null : BinaryReader.constant(VERDICTS, verdict - 1);
    answer.used = (bits & USED) != 0;
    answer.category = category == 0 ? null : BinaryReader.constant(CATEGORIES, category - 1);
    answer.decidedAt = in.readInstant();
    answer.expiresAt = in.readInstant();
    if (answer.verdict == null) {
      return answer;
    }
    answer.reasons = in.readUnsignedInt();
    answer.list = in.readNullableShared();
    answer.tags = MessageCodec.readTags(in);
    answer.campaignHash = in.readInt();
    if ((bits & NOT_BEFORE) != 0) {
      answer.notBefore = in.readInstant();
    }
    if ((bits & DRAWN) != 0) {
      answer.variant = in.readShared();
      answer.epoch = in.readUnsignedInt();
    }
    return answer;
  }
}
