package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.Earlier;
import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.gate.RecipientState.Told;
import io.heed.core.model.Category;
import io.heed.core.model.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of a recipient's state, format 1: version, texts, then the parts. Numbers are
 * variable-length (7 bits a byte), instants differences to the instant before, texts indices into
 * one list. Keeps its buffers: not safe for concurrent use.
 */
final class StateCodec {
  private static final int VERSION = 1;
  private static final Category[] CATEGORIES = Category.values();
  private static final Verdict[] VERDICTS = Verdict.values();
  private static final RevocationMethod[] REVOCATIONS = RevocationMethod.values();
  private static final ConsentMethod[] CONSENTS = ConsentMethod.values();

  // Rare ones last: those take a second byte.
  private static final int HAS_PLACE = 1;
  private static final int HAS_SCOPES = 1 << 1;
  private static final int HAS_ANSWERS = 1 << 2;
  private static final int HAS_DRAWN = 1 << 3;
  private static final int HAS_CLEANING = 1 << 4;
  private static final int HAS_HELP = 1 << 5;
  private static final int HAS_CONFIRMED = 1 << 6;
  private static final int HAS_PENDING = 1 << 7;
  private static final int HAS_EVICTED = 1 << 8;

  /** Up to so many texts are looked through; more have an index. */
  private static final int FEW_TEXTS = 8;

  private static final int KNOWN_TEXTS = 1 << 10;

  private static final int SEEN = 1 << 2;
  private static final int TOUCH = 1 << 3;
  private static final int TAGGED = 1 << 6;
  private static final int FAILED_AT = 1 << 7;

  private final List<String> texts = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final String[] knownTexts = new String[KNOWN_TEXTS];
  private final byte[][] knownBytes = new byte[KNOWN_TEXTS][];
  private byte[] out = new byte[512];
  private int length;
  private byte[] in;
  private int position;
  private long instant;

  byte[] write(RecipientState state) {
    texts.clear();
    places.clear();
    length = 0;
    instant = 0;
    writeBody(state);
    // The texts are known only now; they stand behind the body here, and before it in the result.
    int body = length;
    writeByte(VERSION);
    writeNumber(texts.size());
    for (String text : texts) {
      byte[] bytes = bytes(text);
      writeNumber(bytes.length);
      writeBytes(bytes);
    }
    byte[] bytes = new byte[length];
    System.arraycopy(out, body, bytes, 0, length - body);
    System.arraycopy(out, 0, bytes, length - body, body);
    return bytes;
  }

  private void writeBody(RecipientState state) {
    writeNumber(
        (state.placeAt > 0 ? HAS_PLACE : 0)
            | (state.helpAt > 0 ? HAS_HELP : 0)
            | (state.confirmedAt > 0 ? HAS_CONFIRMED : 0)
            | (state.scopes.isEmpty() ? 0 : HAS_SCOPES)
            | (state.pending.isEmpty() ? 0 : HAS_PENDING)
            | (state.answers.isEmpty() ? 0 : HAS_ANSWERS)
            | (state.drawn.isEmpty() ? 0 : HAS_DRAWN)
            | (state.cleaningSet ? HAS_CLEANING : 0)
            | (state.hasEvicted() ? HAS_EVICTED : 0));
    writeNumber(state.lastSeq);
    writeInstant(state.timerAt);
    writeNumber(state.messages.size());
    state.messages.forEach(this::writeMessage);
    if (state.placeAt > 0) {
      writeInstant(state.placeAt);
      writeText(state.zone);
      writeText(state.region);
    }
    writeNumber(state.told.size());
    for (Told told : state.told) {
      writeByte(told.category().ordinal());
      writeText(told.scope());
      writeFixed(told.hash(), Integer.BYTES);
    }
    if (state.helpAt > 0) {
      writeInstant(state.helpAt);
      writeInstant(state.helpAnsweredAt);
    }
    if (state.confirmedAt > 0) {
      writeInstant(state.confirmedAt);
    }
    if (!state.scopes.isEmpty()) {
      writeNumber(state.scopes.size());
      state.scopes.forEach(this::writeScope);
    }
    if (!state.pending.isEmpty()) {
      writeNumber(state.pending.size());
      state.pending.forEach(this::writePending);
    }
    if (!state.answers.isEmpty()) {
      writeNumber(state.answers.size());
      state.answers.forEach(this::writeAnswer);
    }
    if (!state.drawn.isEmpty()) {
      writeNumber(state.drawn.size());
      for (Drawn drawn : state.drawn) {
        writeText(drawn.draw().experimentId());
        writeText(drawn.draw().variantId());
        writeNumber(drawn.draw().epoch());
        writeInstant(drawn.lastAt());
      }
    }
    if (state.hasEvicted()) {
      for (long until : state.evictedUntil) {
        writeInstant(until);
      }
      for (long until : state.reservedUntil) {
        writeInstant(until);
      }
    }
  }

  RecipientState read(byte[] bytes) {
    RecipientState state = new RecipientState();
    in = bytes;
    position = 0;
    instant = 0;
    int version = readByte();
    if (version != VERSION) {
      throw new IllegalStateException("state of a recipient has unknown format " + version);
    }
    texts.clear();
    for (int left = (int) readNumber(); left > 0; left--) {
      int size = (int) readNumber();
      texts.add(text(position, position + size));
      position += size;
    }
    readBody(state);
    in = null;
    return state;
  }

  /** A text from its bytes. Lists, zones and regions are few: most have been decoded before. */
  private String text(int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + in[i];
    }
    int slot = slot(hash);
    byte[] known = knownBytes[slot];
    if (known == null || !Arrays.equals(known, 0, known.length, in, start, end)) {
      knownBytes[slot] = Arrays.copyOfRange(in, start, end);
      knownTexts[slot] = new String(in, start, end - start, StandardCharsets.UTF_8);
    }
    return knownTexts[slot];
  }

  /** The bytes of a text; those of one that was read are known, its hash is that of its bytes. */
  private byte[] bytes(String text) {
    int slot = slot(text.hashCode());
    return text.equals(knownTexts[slot]) ? knownBytes[slot] : text.getBytes(StandardCharsets.UTF_8);
  }

  private static int slot(int hash) {
    return (hash ^ (hash >>> 16)) & (KNOWN_TEXTS - 1);
  }

  private void readBody(RecipientState state) {
    int has = (int) readNumber();
    state.cleaningSet = (has & HAS_CLEANING) != 0;
    state.lastSeq = readNumber();
    state.timerAt = readInstant();
    for (int left = (int) readNumber(); left > 0; left--) {
      state.messages.add(readMessage());
    }
    if ((has & HAS_PLACE) != 0) {
      state.placeAt = readInstant();
      state.zone = readText();
      state.region = readText();
    }
    for (int left = (int) readNumber(); left > 0; left--) {
      state.told.add(new Told(CATEGORIES[readByte()], readText(), (int) readFixed(Integer.BYTES)));
    }
    if ((has & HAS_HELP) != 0) {
      state.helpAt = readInstant();
      state.helpAnsweredAt = readInstant();
    }
    if ((has & HAS_CONFIRMED) != 0) {
      state.confirmedAt = readInstant();
    }
    if ((has & HAS_SCOPES) != 0) {
      for (int left = (int) readNumber(); left > 0; left--) {
        state.scopes.add(readScope());
      }
    }
    if ((has & HAS_PENDING) != 0) {
      for (int left = (int) readNumber(); left > 0; left--) {
        state.pending.add(readPending());
      }
    }
    if ((has & HAS_ANSWERS) != 0) {
      for (int left = (int) readNumber(); left > 0; left--) {
        state.answers.add(readAnswer());
      }
    }
    if ((has & HAS_DRAWN) != 0) {
      for (int left = (int) readNumber(); left > 0; left--) {
        Earlier draw = new Earlier(readText(), readText(), (int) readNumber());
        state.drawn.add(new Drawn(draw, readInstant()));
      }
    }
    if ((has & HAS_EVICTED) != 0) {
      for (int i = 0; i < state.evictedUntil.length; i++) {
        state.evictedUntil[i] = readInstant();
      }
      for (int i = 0; i < state.reservedUntil.length; i++) {
        state.reservedUntil[i] = readInstant();
      }
    }
  }

  /** Bits 0 and 1 are the category, 4 and 5 the outcome. */
  private void writeMessage(Message message) {
    int bits =
        (message.seen() ? message.category.ordinal() | SEEN : 0)
            | (message.touch ? TOUCH : 0)
            | (message.outcome << 4)
            | (message.tags.length == 0 ? 0 : TAGGED)
            | (message.failedAt > 0 ? FAILED_AT : 0);
    writeByte(bits);
    writeFixed(message.hash, Long.BYTES);
    writeInstant(message.time);
    if (message.seen() || message.touch) {
      writeText(message.list);
    }
    if (message.tags.length > 0) {
      writeByte(message.confirmation ? 1 : 0);
      writeTags(message.tags);
    }
    if (message.failedAt > 0) {
      writeInstant(message.failedAt);
      writeInstant(message.lastFailedAt);
    }
  }

  private Message readMessage() {
    Message message = new Message();
    int bits = readByte();
    message.hash = readFixed(Long.BYTES);
    message.time = readInstant();
    message.touch = (bits & TOUCH) != 0;
    if ((bits & SEEN) != 0) {
      message.category = CATEGORIES[bits & 3];
    }
    if (message.seen() || message.touch) {
      message.list = readText();
    }
    message.outcome = (bits >> 4) & 3;
    if ((bits & TAGGED) != 0) {
      message.confirmation = readByte() == 1;
      message.tags = readTags();
    }
    if ((bits & FAILED_AT) != 0) {
      message.failedAt = readInstant();
      message.lastFailedAt = readInstant();
    }
    return message;
  }

  private void writeScope(Scope scope) {
    writeText(scope.name);
    writeByte(
        (scope.softAt > 0 ? 1 : 0)
            | (scope.hardAt > 0 ? 2 : 0)
            | (scope.startAt > 0 ? 4 : 0)
            | (scope.strongAt > 0 ? 8 : 0)
            | (scope.importedAt > 0 ? 16 : 0)
            | (scope.clearedAt > 0 ? 32 : 0)
            | (scope.importProven ? 64 : 0));
    if (scope.softAt > 0) {
      writeInstant(scope.softAt);
      writeByte(scope.soft.ordinal());
    }
    if (scope.hardAt > 0) {
      writeInstant(scope.hardAt);
      writeByte(scope.hard.ordinal());
    }
    if (scope.startAt > 0) {
      writeInstant(scope.startAt);
    }
    if (scope.strongAt > 0) {
      writeInstant(scope.strongAt);
      writeByte(scope.strong.ordinal());
    }
    if (scope.importedAt > 0) {
      writeInstant(scope.importedAt);
    }
    if (scope.clearedAt > 0) {
      writeInstant(scope.clearedAt);
    }
  }

  private Scope readScope() {
    Scope scope = new Scope(readText());
    int has = readByte();
    if ((has & 1) != 0) {
      scope.softAt = readInstant();
      scope.soft = REVOCATIONS[readByte()];
    }
    if ((has & 2) != 0) {
      scope.hardAt = readInstant();
      scope.hard = REVOCATIONS[readByte()];
    }
    scope.startAt = (has & 4) != 0 ? readInstant() : 0;
    if ((has & 8) != 0) {
      scope.strongAt = readInstant();
      scope.strong = CONSENTS[readByte()];
    }
    scope.importedAt = (has & 16) != 0 ? readInstant() : 0;
    scope.clearedAt = (has & 32) != 0 ? readInstant() : 0;
    scope.importProven = (has & 64) != 0;
    return scope;
  }

  private void writePending(Pending pending) {
    writeFixed(pending.messageHash(), Long.BYTES);
    writeInstant(pending.time());
    boolean revoked = pending.revoked() != null;
    writeByte(revoked ? pending.revoked().ordinal() : 0x80 | pending.consented().ordinal());
  }

  private Pending readPending() {
    long hash = readFixed(Long.BYTES);
    long time = readInstant();
    int method = readByte();
    return (method & 0x80) == 0
        ? new Pending(hash, time, REVOCATIONS[method], null)
        : new Pending(hash, time, null, CONSENTS[method & 0x7f]);
  }

  private void writeAnswer(Answer answer) {
    writeFixed(answer.hash, Long.BYTES);
    writeByte(
        (answer.verdict == null ? 0 : 1 + answer.verdict.ordinal())
            | (answer.used ? 1 << 2 : 0)
            | (answer.category == null ? 0 : (1 + answer.category.ordinal()) << 3)
            | (answer.variant == null ? 0 : 1 << 5)
            | (answer.notBefore > 0 ? 1 << 6 : 0));
    writeInstant(answer.decidedAt);
    writeInstant(answer.expiresAt);
    if (answer.verdict == null) {
      return;
    }
    writeNumber(answer.reasons);
    writeText(answer.list);
    writeTags(answer.tags);
    writeFixed(answer.campaignHash, Integer.BYTES);
    if (answer.notBefore > 0) {
      writeInstant(answer.notBefore);
    }
    if (answer.variant != null) {
      writeText(answer.variant);
      writeNumber(answer.epoch);
    }
  }

  private Answer readAnswer() {
    Answer answer = new Answer();
    answer.hash = readFixed(Long.BYTES);
    int bits = readByte();
    answer.verdict = (bits & 3) == 0 ? null : VERDICTS[(bits & 3) - 1];
    answer.used = (bits & (1 << 2)) != 0;
    int category = (bits >> 3) & 3;
    answer.category = category == 0 ? null : CATEGORIES[category - 1];
    answer.decidedAt = readInstant();
    answer.expiresAt = readInstant();
    if (answer.verdict == null) {
      return answer;
    }
    answer.reasons = (int) readNumber();
    answer.list = readText();
    answer.tags = readTags();
    answer.campaignHash = (int) readFixed(Integer.BYTES);
    if ((bits & (1 << 6)) != 0) {
      answer.notBefore = readInstant();
    }
    if ((bits & (1 << 5)) != 0) {
      answer.variant = readText();
      answer.epoch = (int) readNumber();
    }
    return answer;
  }

  private void writeTags(int[] tags) {
    writeNumber(tags.length);
    for (int tag : tags) {
      writeFixed(tag, Integer.BYTES);
    }
  }

  private int[] readTags() {
    int size = (int) readNumber();
    int[] tags = size == 0 ? RecipientState.NO_TAGS : new int[size];
    for (int i = 0; i < size; i++) {
      tags[i] = (int) readFixed(Integer.BYTES);
    }
    return tags;
  }

  /** The index of a text, from 1; 0 for null. */
  private void writeText(String text) {
    if (text == null) {
      writeNumber(0);
      return;
    }
    int index = texts.size() > FEW_TEXTS ? places.getOrDefault(text, -1) : texts.indexOf(text);
    if (index < 0) {
      index = texts.size();
      texts.add(text);
      for (int i = places.size(); index >= FEW_TEXTS && i <= index; i++) {
        places.put(texts.get(i), i);
      }
    }
    writeNumber(index + 1L);
  }

  private String readText() {
    int index = (int) readNumber();
    return index == 0 ? null : texts.get(index - 1);
  }

  private void writeInstant(long at) {
    long difference = at - instant;
    writeNumber((difference << 1) ^ (difference >> 63));
    instant = at;
  }

  private long readInstant() {
    long bits = readNumber();
    instant += (bits >>> 1) ^ -(bits & 1);
    return instant;
  }

  private void writeNumber(long number) {
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      writeByte((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    writeByte((int) rest);
  }

  private long readNumber() {
    long number = 0;
    int shift = 0;
    int next;
    do {
      next = readByte();
      number |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while ((next & 0x80) != 0);
    return number;
  }

  private void writeFixed(long bits, int bytes) {
    for (int i = 0; i < bytes; i++) {
      writeByte((int) (bits >>> (8 * i)));
    }
  }

  private long readFixed(int bytes) {
    long bits = 0;
    for (int i = 0; i < bytes; i++) {
      bits |= (long) readByte() << (8 * i);
    }
    return bits;
  }

  private void writeBytes(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, out, length, bytes.length);
    length += bytes.length;
  }

  private void writeByte(int bits) {
    ensure(1);
    out[length++] = (byte) bits;
  }

  private void ensure(int more) {
    if (length + more > out.length) {
      out = Arrays.copyOf(out, Math.max(out.length * 2, length + more));
    }
  }

  private int readByte() {
    return in[position++] & 0xff;
  }
}
