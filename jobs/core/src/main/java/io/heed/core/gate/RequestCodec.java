package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.ValueVerdict.Cause;

/**
 * The bytes of a known request. Of the flags, bits 0 and 1 are the verdict, 3 and 4 the category.
 */
final class RequestCodec {
  private static final Cause[] CAUSES = Cause.values();
  private static final Category[] CATEGORIES = Category.values();
  private static final Verdict[] VERDICTS = Verdict.values();
  private static final int USED = 1 << 2;
  private static final int DRAWN = 1 << 5;
  private static final int NOT_BEFORE = 1 << 6;
  private static final int VALUED = 1 << 7;

  private RequestCodec() {}

  static void write(KnownRequest entry, StateWriter out) {
    out.writeLong(entry.hash);
    out.writeByte(
        (entry.verdict == null ? 0 : 1 + entry.verdict.ordinal())
            | (entry.used ? USED : 0)
            | (entry.category == null ? 0 : (1 + entry.category.ordinal()) << 3)
            | (entry.variant == null ? 0 : DRAWN)
            | (entry.notBefore > 0 ? NOT_BEFORE : 0)
            | (entry.modelVersion == null ? 0 : VALUED));
    out.writeInstant(entry.decidedAt);
    out.writeInstant(entry.expiresAt);
    if (entry.verdict == null) {
      return;
    }
    out.writeUnsigned(entry.reasons);
    out.writeShared(entry.list);
    MessageCodec.writeTags(entry.tags, out);
    out.writeInt(entry.campaignHash);
    if (entry.notBefore > 0) {
      out.writeInstant(entry.notBefore);
    }
    if (entry.variant != null) {
      out.writeShared(entry.variant);
      out.writeUnsigned(entry.epoch);
    }
    if (entry.modelVersion != null) {
      out.writeShared(entry.modelVersion);
      out.writeDouble(entry.propensity);
      out.writeByte(entry.valueVerdict == null ? 0 : 1 + entry.valueVerdict.ordinal());
      write(entry.value, out);
    }
  }

  private static void write(MessageValue value, StateWriter out) {
    out.writeByte(value == null ? 0 : 1 + Cause.valueOf(value.cause()).ordinal());
    if (value != null) {
      out.writeSigned(value.bringsMicros());
      out.writeUnsigned(Math.round(value.hazard() * ValueCheck.HAZARD_PARTS));
      out.writeSigned(value.subscriberMicros());
    }
  }

  private static MessageValue value(StateReader in) throws BinaryException {
    int cause = in.readUnsignedByte();
    return cause == 0
        ? null
        : new MessageValue(
            BinaryReader.constant(CAUSES, cause - 1).name(),
            in.readSigned(),
            in.readUnsigned() / ValueCheck.HAZARD_PARTS,
            in.readSigned());
  }

  static KnownRequest read(StateReader in) throws BinaryException {
    KnownRequest entry = new KnownRequest();
    entry.hash = in.readLong();
    int bits = in.readByte();
    int verdict = bits & 3;
    int category = (bits >> 3) & 3;
    entry.verdict = verdict == 0 ? null : BinaryReader.constant(VERDICTS, verdict - 1);
    entry.used = (bits & USED) != 0;
    entry.category = category == 0 ? null : BinaryReader.constant(CATEGORIES, category - 1);
    entry.decidedAt = in.readInstant();
    entry.expiresAt = in.readInstant();
    if (entry.verdict == null) {
      return entry;
    }
    entry.reasons = in.readUnsignedInt();
    entry.list = in.readNullableShared();
    entry.tags = MessageCodec.readTags(in);
    entry.campaignHash = in.readInt();
    if ((bits & NOT_BEFORE) != 0) {
      entry.notBefore = in.readInstant();
    }
    if ((bits & DRAWN) != 0) {
      entry.variant = in.readShared();
      entry.epoch = in.readUnsignedInt();
    }
    if ((bits & VALUED) != 0) {
      entry.modelVersion = in.readShared();
      entry.propensity = in.readDouble();
      int value = in.readUnsignedByte();
      entry.valueVerdict = value == 0 ? null : BinaryReader.constant(VERDICTS, value - 1);
      entry.value = value(in);
    }
    return entry;
  }
}
