package io.heed.core.gate;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.StateReader;
import io.heed.core.codec.StateWriter;
import io.heed.core.gate.RecipientState.Scope;

/** The bytes of a scope: its name, which instants follow, then these with their methods. */
final class ScopeCodec {
  private static final RevocationMethod[] REVOCATIONS = RevocationMethod.values();
  private static final ConsentMethod[] CONSENTS = ConsentMethod.values();
  private static final int SOFT = 1;
  private static final int HARD = 1 << 1;
  private static final int START = 1 << 2;
  private static final int STRONG = 1 << 3;
  private static final int IMPORTED = 1 << 4;
  private static final int CLEARED = 1 << 5;
  private static final int PROVEN = 1 << 6;

  private ScopeCodec() {}

  static void write(Scope scope, StateWriter out) {
    out.writeShared(scope.name);
    out.writeByte(
        (scope.softAt > 0 ? SOFT : 0)
            | (scope.hardAt > 0 ? HARD : 0)
            | (scope.startAt > 0 ? START : 0)
            | (scope.strongAt > 0 ? STRONG : 0)
            | (scope.importedAt > 0 ? IMPORTED : 0)
            | (scope.clearedAt > 0 ? CLEARED : 0)
            | (scope.importProven ? PROVEN : 0));
    if (scope.softAt > 0) {
      out.writeInstant(scope.softAt);
      out.writeByte(scope.soft.ordinal());
    }
    if (scope.hardAt > 0) {
      out.writeInstant(scope.hardAt);
      out.writeByte(scope.hard.ordinal());
    }
    if (scope.startAt > 0) {
      out.writeInstant(scope.startAt);
    }
    if (scope.strongAt > 0) {
      out.writeInstant(scope.strongAt);
      out.writeByte(scope.strong.ordinal());
    }
    if (scope.importedAt > 0) {
      out.writeInstant(scope.importedAt);
    }
    if (scope.clearedAt > 0) {
      out.writeInstant(scope.clearedAt);
    }
  }

  static Scope read(StateReader in) throws BinaryException {
    Scope scope = new Scope(in.readShared());
    int has = in.readByte();
    if ((has & SOFT) != 0) {
      scope.softAt = in.readInstant();
      scope.soft = in.readConstant(REVOCATIONS);
    }
    if ((has & HARD) != 0) {
      scope.hardAt = in.readInstant();
      scope.hard = in.readConstant(REVOCATIONS);
    }
    scope.startAt = (has & START) != 0 ? in.readInstant() : 0;
    if ((has & STRONG) != 0) {
      scope.strongAt = in.readInstant();
      scope.strong = in.readConstant(CONSENTS);
    }
    scope.importedAt = (has & IMPORTED) != 0 ? in.readInstant() : 0;
    scope.clearedAt = (has & CLEARED) != 0 ? in.readInstant() : 0;
    scope.importProven = (has & PROVEN) != 0;
    return scope;
  }
}
