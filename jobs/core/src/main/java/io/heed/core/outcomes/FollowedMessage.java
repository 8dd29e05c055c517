package io.heed.core.outcomes;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.HalfLife;
import io.heed.core.optimizer.OutcomeCells;
import io.heed.core.optimizer.PersonState;
import java.time.Duration;
import java.util.Map;

/** A promotional message whose outcomes have not all had their time. */
final class FollowedMessage {
  static final long CLICK_MILLIS = Duration.ofHours(24).toMillis();
  static final long OPT_OUT_MILLIS = Duration.ofDays(3).toMillis();
  static final long MARGIN_MILLIS = Duration.ofDays(7).toMillis();

  private static final HalfLife[] HALF_LIVES = HalfLife.values();

  final long id;
  final String list;
  final String campaign;
  final long sentAt;

  /** What the person was like before the message: {@link Cell#group}, and fatigue by half-life. */
  final int group;

  final int[] fatigueMillis;

  /** Instant of the first click, 0 without one. */
  long clickedAt;

  /** Instant of the opt-out, 0 without one. */
  long leftAt;

  long revenueMicros;
  boolean converted;

  /** Whether clicks and opt-outs were counted. */
  boolean matured;

  private FollowedMessage(
      long id, String list, String campaign, long sentAt, int group, int[] fatigueMillis) {
    this.id = id;
    this.list = list;
    this.campaign = campaign;
    this.sentAt = sentAt;
    this.group = group;
    this.fatigueMillis = fatigueMillis;
  }

  static FollowedMessage of(OutcomeEvent sent, PersonState before) {
    int[] fatigue = new int[HALF_LIVES.length];
    for (HalfLife halfLife : HALF_LIVES) {
      fatigue[halfLife.ordinal()] = before.fatigueMillis(halfLife, OutcomeEvent.day(sent.time()));
    }
    return new FollowedMessage(
        sent.message(), sent.scope(), sent.campaign(), sent.time(), Cell.group(before), fatigue);
  }

  /** When something is next counted. */
  long due() {
    return sentAt + (matured ? MARGIN_MILLIS : OPT_OUT_MILLIS);
  }

  /** Adds to one count of the message's cell of each half-life. */
  void count(Map<HalfLife, OutcomeCells> cells, OutcomeCells.Measure measure, long amount) {
    cells.forEach((halfLife, counts) -> counts.add(cell(halfLife), measure, amount));
  }

  /** Counts the message itself. */
  void countMessage(Map<HalfLife, OutcomeCells> cells) {
    cells.forEach(
        (halfLife, counts) -> {
          int cell = cell(halfLife);
          counts.add(cell, OutcomeCells.Measure.MESSAGES, 1);
          counts.add(cell, OutcomeCells.Measure.FATIGUE_MILLIS, fatigueMillis[halfLife.ordinal()]);
        });
  }

  private int cell(HalfLife halfLife) {
    return Cell.of(group, Cell.fatigue(fatigueMillis[halfLife.ordinal()]));
  }

  void write(StateWriter out) {
    out.writeLong(id);
    out.writeShared(list);
    out.writeShared(campaign);
    out.writeInstant(sentAt);
    out.writeUnsigned(group);
    for (int fatigue : fatigueMillis) {
      out.writeUnsigned(fatigue);
    }
    out.writeUnsigned(clickedAt == 0 ? 0 : 1 + clickedAt - sentAt);
    out.writeUnsigned(leftAt == 0 ? 0 : 1 + leftAt - sentAt);
    out.writeSigned(revenueMicros);
    out.writeBoolean(converted);
    out.writeBoolean(matured);
  }

  static FollowedMessage read(StateReader in) throws BinaryException {
    long id = in.readLong();
    String list = in.readShared();
    String campaign = in.readShared();
    long sentAt = in.readInstant();
    int group = in.readIndex(Cell.BORNE * Cell.AFFINITY);
    int[] fatigue = new int[HALF_LIVES.length];
    for (int i = 0; i < fatigue.length; i++) {
      fatigue[i] = in.readUnsignedInt();
    }
    FollowedMessage message = new FollowedMessage(id, list, campaign, sentAt, group, fatigue);
    long clicked = in.readUnsigned();
    long left = in.readUnsigned();
    message.clickedAt = clicked == 0 ? 0 : sentAt + clicked - 1;
    message.leftAt = left == 0 ? 0 : sentAt + left - 1;
    message.revenueMicros = in.readSigned();
    message.converted = in.readBoolean();
    message.matured = in.readBoolean();
    return message;
  }
}
