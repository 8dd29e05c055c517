package io.heed.replay;

/** What the names of a mapping stand for at the moment: one text per slot, see {@link Names}. */
final class Scope {
  final String[] texts;
  final String rowId;

  /** Epoch milliseconds that times after {@code base} count from. */
  final long base;

  /** How many journeys the row stands for, and which of them this is, from 1. */
  long count = 1;

  long number = 1;

  Scope(String[] texts, String rowId, long base) {
    this.texts = texts;
    this.rowId = rowId;
    this.base = base;
  }

  /** One that changes apart from this one. */
  Scope copy() {
    return new Scope(texts.clone(), rowId, base);
  }
}
