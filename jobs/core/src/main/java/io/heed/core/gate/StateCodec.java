package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.codec.TextCache;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.PublishedCap;
import io.heed.core.model.Category;
import io.heed.core.optimizer.PersonState;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The bytes of a recipient's state, format 1: version, which parts follow, then these. Keeps its
 * buffers: not safe for concurrent use.
 */
final class StateCodec {
  private static final int FORMAT = 1;
  private static final Category[] CATEGORIES = Category.values();
  private static final RevocationMethod[] REVOCATIONS = RevocationMethod.values();
  private static final ConsentMethod[] CONSENTS = ConsentMethod.values();

  // Rare ones last: those take a second byte.
  private static final int HAS_PLACE = 1;
  private static final int HAS_SCOPES = 1 << 1;
  private static final int HAS_REQUESTS = 1 << 2;
  private static final int HAS_DRAWN = 1 << 3;
  private static final int HAS_CLEANUP = 1 << 4;
  private static final int HAS_PERSON = 1 << 5;
  private static final int HAS_HELP = 1 << 6;
  private static final int HAS_CONFIRMED = 1 << 7;
  private static final int HAS_PENDING = 1 << 8;
  private static final int HAS_EVICTED = 1 << 9;
  private static final int HAS_SUNSET = 1 << 10;
  private static final int HAS_ENTERED = 1 << 11;

  private final StateWriter out = new StateWriter();
  private final TextCache texts = new TextCache();

  byte[] write(RecipientState state) {
    out.clear();
    out.writeByte(FORMAT);
    out.writeUnsigned(
        (state.placeAt > 0 ? HAS_PLACE : 0)
            | (state.helpAt > 0 ? HAS_HELP : 0)
            | (state.confirmedAt > 0 ? HAS_CONFIRMED : 0)
            | (state.scopes.isEmpty() ? 0 : HAS_SCOPES)
            | (state.pending.isEmpty() ? 0 : HAS_PENDING)
            | (state.requests.isEmpty() ? 0 : HAS_REQUESTS)
            | (state.drawn.isEmpty() ? 0 : HAS_DRAWN)
            | (state.cleanupSet ? HAS_CLEANUP : 0)
            | (state.person == null ? 0 : HAS_PERSON)
            | (state.hasEvicted() ? HAS_EVICTED : 0)
            | (state.sunsetAt > 0 ? HAS_SUNSET : 0)
            | (state.entered.isEmpty() ? 0 : HAS_ENTERED));
    out.writeUnsigned(state.lastSeq);
    out.writeInstant(state.timerAt);
    writeAll(state.messages, MessageCodec::write);
    if (state.placeAt > 0) {
      out.writeInstant(state.placeAt);
      out.writeShared(state.zone);
      out.writeShared(state.region);
    }
    if (state.person != null) {
      state.person.write(out);
    }
    writeAll(state.publishedCaps, StateCodec::write);
    if (state.helpAt > 0) {
      out.writeInstant(state.helpAt);
      out.writeInstant(state.helpRepliedAt);
    }
    if (state.confirmedAt > 0) {
      out.writeInstant(state.confirmedAt);
    }
    if (state.sunsetAt > 0) {
      out.writeInstant(state.sunsetAt);
      out.writeInstant(state.sunsetUntil);
    }
    writeSome(state.scopes, ScopeCodec::write);
    writeSome(state.pending, StateCodec::write);
    writeSome(state.requests, RequestCodec::write);
    writeSome(state.drawn, StateCodec::write);
    writeSome(state.entered, (hash, to) -> to.writeInt(hash));
    if (state.hasEvicted()) {
      for (long[] instants : List.of(state.evictedUntil, state.reservedUntil)) {
        for (long until : instants) {
          out.writeInstant(until);
        }
      }
    }
    return out.toByteArray();
  }

  private <E> void writeSome(Collection<E> elements, BiConsumer<E, StateWriter> form) {
    if (!elements.isEmpty()) {
      writeAll(elements, form);
    }
  }

  private <E> void writeAll(Collection<E> elements, BiConsumer<E, StateWriter> form) {
    out.writeCount(elements);
    for (E element : elements) {
      form.accept(element, out);
    }
  }

  RecipientState read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new StateReader(bytes, texts), StateCodec::state);
  }

  private static RecipientState state(StateReader in) throws BinaryException {
    in.expectFormat("state of a recipient", FORMAT);
    RecipientState state = new RecipientState();
    int has = in.readUnsignedInt();
    state.cleanupSet = (has & HAS_CLEANUP) != 0;
    state.lastSeq = in.readUnsigned();
    state.timerAt = in.readInstant();
    readAll(in, true, state.messages, MessageCodec::read);
    if ((has & HAS_PLACE) != 0) {
      state.placeAt = in.readInstant();
      state.zone = in.readNullableShared();
      state.region = in.readNullableShared();
    }
    if ((has & HAS_PERSON) != 0) {
      state.person = PersonState.read(in);
    }
    readAll(in, true, state.publishedCaps, StateCodec::publishedCap);
    if ((has & HAS_HELP) != 0) {
      state.helpAt = in.readInstant();
      state.helpRepliedAt = in.readInstant();
    }
    if ((has & HAS_CONFIRMED) != 0) {
      state.confirmedAt = in.readInstant();
    }
    if ((has & HAS_SUNSET) != 0) {
      state.sunsetAt = in.readInstant();
      state.sunsetUntil = in.readInstant();
    }
    readAll(in, (has & HAS_SCOPES) != 0, state.scopes, ScopeCodec::read);
    readAll(in, (has & HAS_PENDING) != 0, state.pending, StateCodec::pending);
    readAll(in, (has & HAS_REQUESTS) != 0, state.requests, RequestCodec::read);
    readAll(in, (has & HAS_DRAWN) != 0, state.drawn, StateCodec::drawn);
    readAll(in, (has & HAS_ENTERED) != 0, state.entered, StateReader::readInt);
    if ((has & HAS_EVICTED) != 0) {
      for (long[] instants : List.of(state.evictedUntil, state.reservedUntil)) {
        for (int i = 0; i < instants.length; i++) {
          instants[i] = in.readInstant();
        }
      }
    }
    return state;
  }

  private static <E> void readAll(
      StateReader in,
      boolean present,
      Collection<E> elements,
      BinaryReader.Form<StateReader, E> form)
      throws BinaryException {
    for (int left = present ? in.readCount() : 0; left > 0; left--) {
      elements.add(form.read(in));
    }
  }

  private static void write(PublishedCap publishedCap, StateWriter out) {
    out.writeByte(publishedCap.category().ordinal());
    out.writeShared(publishedCap.scope());
    out.writeInt(publishedCap.hash());
  }

  private static PublishedCap publishedCap(StateReader in) throws BinaryException {
    return new PublishedCap(in.readConstant(CATEGORIES), in.readShared(), in.readInt());
  }

  private static void write(Pending pending, StateWriter out) {
    out.writeLong(pending.messageHash());
    out.writeInstant(pending.time());
    boolean revoked = pending.revoked() != null;
    out.writeByte(revoked ? pending.revoked().ordinal() : 0x80 | pending.consented().ordinal());
  }

  private static Pending pending(StateReader in) throws BinaryException {
    long hash = in.readLong();
    long time = in.readInstant();
    int method = in.readUnsignedByte();
    return (method & 0x80) == 0
        ? new Pending(hash, time, BinaryReader.constant(REVOCATIONS, method), null)
        : new Pending(hash, time, null, BinaryReader.constant(CONSENTS, method & 0x7f));
  }

  private static void write(Drawn drawn, StateWriter out) {
    out.writeShared(drawn.draw().experimentId());
    out.writeShared(drawn.draw().variantId());
    out.writeUnsigned(drawn.draw().epoch());
    out.writeInstant(drawn.lastAt());
  }

  private static Drawn drawn(StateReader in) throws BinaryException {
    PriorAssignment draw =
        new PriorAssignment(in.readShared(), in.readShared(), in.readUnsignedInt());
    return new Drawn(draw, in.readInstant());
  }
}
