package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.model.Category;
import io.heed.core.rules.Cap;

/** The bytes of a message. Of the first, bits 0 and 1 are the category, 4 and 5 the outcome. */
final class MessageCodec {
  private static final Category[] CATEGORIES = Category.values();
  private static final int SENT = 1 << 2;
  private static final int TOUCH = 1 << 3;
  private static final int TAGGED = 1 << 6;
  private static final int FAILED_AT = 1 << 7;

  private MessageCodec() {}

  static void write(Message message, StateWriter out) {
    out.writeByte(
        (message.isSent() ? message.category.ordinal() | SENT : 0)
            | (message.touch ? TOUCH : 0)
            | (message.outcome << 4)
            | (message.tags.length == 0 ? 0 : TAGGED)
            | (message.failedAt > 0 ? FAILED_AT : 0));
    out.writeLong(message.hash);
    out.writeInstant(message.time);
    if (message.isSent() || message.touch) {
      out.writeShared(message.list);
    }
    if (message.tags.length > 0) {
      out.writeBoolean(message.confirmation);
      writeTags(message.tags, out);
    }
    if (message.failedAt > 0) {
      out.writeInstant(message.failedAt);
      out.writeInstant(message.lastFailedAt);
    }
  }

  static Message read(StateReader in) throws BinaryException {
    Message message = new Message();
    int bits = in.readUnsignedByte();
    message.hash = in.readLong();
    message.time = in.readInstant();
    message.touch = (bits & TOUCH) != 0;
    if ((bits & SENT) != 0) {
      message.category = BinaryReader.constant(CATEGORIES, bits & 3);
    }
    if (message.isSent() || message.touch) {
      message.list = in.readShared();
    }
    message.outcome = (bits >> 4) & 3;
    if ((bits & TAGGED) != 0) {
      message.confirmation = in.readBoolean();
      message.tags = readTags(in);
    }
    if ((bits & FAILED_AT) != 0) {
      message.failedAt = in.readInstant();
      message.lastFailedAt = in.readInstant();
    }
    return message;
  }

  static void writeTags(int[] tags, StateWriter out) {
    out.writeUnsigned(tags.length);
    for (int tag : tags) {
      out.writeInt(tag);
    }
  }

  static int[] readTags(StateReader in) throws BinaryException {
    int size = in.readCount();
    int[] tags = size == 0 ? Cap.NO_TAGS : new int[size];
    for (int i = 0; i < size; i++) {
      tags[i] = in.readInt();
    }
    return tags;
  }
}
