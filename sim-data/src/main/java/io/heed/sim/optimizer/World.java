package io.heed.sim.optimizer;

import java.util.List;

/**
 * What is true in one simulated world.
 *
 * @param name as on the command line
 * @param intervalDays days between two campaigns, each requested for everybody
 * @param differing whether campaigns, kinds of campaigns and tastes differ
 * @param fatigueScale how strongly fatigue makes people leave; 1 is usual
 * @param halfLifeDays half-life of fatigue
 * @param blastMinutes within which a campaign's requests come
 * @param shock what changes after 52 weeks
 */
public record World(
    String name,
    double intervalDays,
    boolean differing,
    double fatigueScale,
    double halfLifeDays,
    int blastMinutes,
    Shock shock) {
  /** What changes after 52 weeks. */
  public enum Shock {
    /** Nothing. */
    NONE,
    /** Fatigue doubles. */
    FATIGUE_DOUBLES,
    /** One kind of campaign turns bad: a third of the clicks, four times the opt-outs. */
    KIND_TURNS_BAD
  }

  /** All worlds, in the order of the table. */
  public static final List<World> ALL =
      List.of(
          of("differ", 1.25, true, 1, 7, 120),
          of("differ-half", 1.25, true, 0.5, 7, 120),
          of("differ-double", 1.25, true, 2, 7, 120),
          of("equal", 1.25, false, 1, 7, 120),
          of("equal-half", 1.25, false, 0.5, 7, 120),
          of("sparse", 3, true, 1, 7, 120),
          of("differ-3d", 1.25, true, 1.6, 3, 120),
          of("differ-14d", 1.25, true, 0.6, 14, 120),
          of("differ-blast-10m", 1.25, true, 1, 7, 10),
          new World("shock-fatigue", 1.25, true, 1, 7, 120, Shock.FATIGUE_DOUBLES),
          new World("shock-kind", 1.25, true, 1, 7, 120, Shock.KIND_TURNS_BAD));

  private static World of(
      String name, double interval, boolean differing, double scale, double days, int blast) {
    return new World(name, interval, differing, scale, days, blast, Shock.NONE);
  }

  /** Days simulated. */
  public static final int DAYS = 730;

  /** Day of the shock. */
  static final int SHOCK_DAY = 364;

  /** The first day, in days since 1970. */
  static final int FIRST_DAY = 20_454;

  static final int MINUTES = 1440;

  /** Cost of a message in micros. */
  static final long COST_MICROS = 10_000;
}
