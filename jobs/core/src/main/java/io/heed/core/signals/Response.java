package io.heed.core.signals;

/**
 * Something that a recipient did.
 *
 * @param kind what it was
 * @param time epoch milliseconds
 */
record Response(Kind kind, long time) implements Comparable<Response> {
  /** Kinds of responses with their points of intent; the order is part of the state's format. */
  enum Kind {
    /** First click of a person on a message. */
    CLICK(2),
    /** A visit that no message caused. */
    VISIT(1),
    /** A reply that does not revoke. */
    REPLY(4),
    /** A lead, or a qualified one. */
    LEAD(2),
    /** A purchase. */
    PURCHASE(10);

    private final int points;

    Kind(int points) {
      this.points = points;
    }

    /** Points of intent of a fresh response. */
    int points() {
      return points;
    }
  }

  @Override
  public int compareTo(Response other) {
    int order = Long.compare(time, other.time);
    return order != 0 ? order : kind.compareTo(other.kind);
  }
}
