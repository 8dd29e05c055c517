package io.heed.sim.optimizer;

import io.heed.core.codec.Hash64;
import java.util.SplittableRandom;

/**
 * People and campaigns of one seed, and what happens when a message is sent. Every draw is a hash
 * of seed, person, campaign and purpose, so that policies meet the same luck and their differences
 * are not luck.
 */
final class Nature {
  static final int KINDS = 6;
  private static final double CLICK = 0.06;
  private static final double HAZARD = 0.003;
  private static final double CLICK_FATIGUE = 0.02;
  private static final double HAZARD_FATIGUE = 0.38;
  private static final double CONVERSION_PER_CLICK = 0.08;
  private static final double CONVERSION_WITHOUT_CLICK = 0.02;
  private static final double ORDER_MARGIN_MICROS = 21.5e6;
  private static final double ORDER_SIGMA = 0.7;
  private static final double ORGANIC_PER_DAY = 0.6 / 365;
  private static final double CHURN_PER_DAY = 0.12 / 365;
  private static final double LN_2 = Math.log(2);

  final World world;
  final int people;
  final int campaigns;

  /** Minute at which a campaign starts, since the first day. */
  final int[] startMinute;

  final int[] kind;

  /** Minute at which a person's number is lost for other reasons. */
  final int[] churnMinute;

  final double[] affinity;
  final double[] hazard;
  final double[] sensitivity;
  final double[] quality;
  final double[] irritation;
  final float[] taste;
  private final long seed;

  Nature(World world, long seed, int people) {
    this.world = world;
    this.people = people;
    this.seed = Hash64.mix(seed + 0x5eed);
    SplittableRandom random = new SplittableRandom(this.seed);
    affinity = new double[people];
    hazard = new double[people];
    sensitivity = new double[people];
    churnMinute = new int[people];
    taste = new float[people * KINDS];
    for (int i = 0; i < people; i++) {
      double a = random.nextGaussian();
      double h = -0.3 * a + Math.sqrt(1 - 0.09) * random.nextGaussian();
      double s = 0.3 * h + Math.sqrt(1 - 0.09) * random.nextGaussian();
      affinity[i] = logNormal(0.8, a);
      hazard[i] = logNormal(0.7, h);
      sensitivity[i] = logNormal(0.4, s);
      churnMinute[i] =
          (int) Math.min(1e9, random.nextExponential() / CHURN_PER_DAY * World.MINUTES);
      for (int k = 0; k < KINDS; k++) {
        taste[i * KINDS + k] =
            (float) logNormal(world.differing() ? 0.5 : 0, random.nextGaussian());
      }
    }
    campaigns = (int) (World.DAYS / world.intervalDays());
    startMinute = new int[campaigns];
    kind = new int[campaigns];
    quality = new double[campaigns];
    irritation = new double[campaigns];
    double[] kindQuality = new double[KINDS];
    double[] kindIrritation = new double[KINDS];
    for (int k = 0; k < KINDS; k++) {
      kindQuality[k] = logNormal(world.differing() ? 0.5 : 0, random.nextGaussian());
      kindIrritation[k] = logNormal(world.differing() ? 0.2 : 0, random.nextGaussian());
    }
    for (int c = 0; c < campaigns; c++) {
      double day = (c + 0.4 * random.nextDouble()) * world.intervalDays();
      // Between 10 and 18 hours, so that blasts end on the day that they start.
      startMinute[c] = ((int) day) * World.MINUTES + 600 + random.nextInt(480);
      kind[c] = random.nextInt(KINDS);
      quality[c] =
          kindQuality[kind[c]] * logNormal(world.differing() ? 0.4 : 0, random.nextGaussian());
      irritation[c] =
          kindIrritation[kind[c]] * logNormal(world.differing() ? 0.2 : 0, random.nextGaussian());
      if (world.shock() == World.Shock.KIND_TURNS_BAD
          && kind[c] == 0
          && startMinute[c] >= World.SHOCK_DAY * World.MINUTES) {
        quality[c] /= 3;
        irritation[c] *= 4;
      }
    }
  }

  private static double logNormal(double sigma, double gaussian) {
    return Math.exp(sigma * gaussian - sigma * sigma / 2);
  }

  /** What is drawn. */
  enum Purpose {
    OFFSET,
    CLICK,
    OPT_OUT,
    CONVERSION,
    ORDER,
    CLICK_DELAY,
    OPT_OUT_DELAY,
    CONVERSION_DELAY,
    ORGANIC
  }

  double unit(Purpose purpose, int person, int campaign) {
    long key = ((long) purpose.ordinal() << 58) ^ ((long) campaign << 32) ^ person;
    return (Hash64.mix(seed ^ Hash64.mix(key + 0x9e3779b97f4a7c15L)) >>> 11) * 0x1p-53;
  }

  private double gaussian(Purpose purpose, int person, int campaign) {
    double u = unit(purpose, person, campaign);
    long again = Hash64.mix(Double.doubleToLongBits(u) ^ seed);
    return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * ((again >>> 11) * 0x1p-53));
  }

  /** Minute at which the campaign is requested for the person. */
  int requestMinute(int person, int campaign) {
    return startMinute[campaign]
        + (int) (world.blastMinutes() * unit(Purpose.OFFSET, person, campaign));
  }

  double decay(double minutes) {
    return Math.exp(-LN_2 * minutes / World.MINUTES / world.halfLifeDays());
  }

  double clickProbability(int person, int campaign, double fatigue) {
    double rate =
        CLICK
            * affinity[person]
            * taste[person * KINDS + kind[campaign]]
            * quality[campaign]
            * Math.exp(-CLICK_FATIGUE * fatigue);
    return Math.min(0.6, rate);
  }

  double optOutProbability(int person, int campaign, double fatigue) {
    double scale = world.fatigueScale();
    if (world.shock() == World.Shock.FATIGUE_DOUBLES
        && startMinute[campaign] >= World.SHOCK_DAY * World.MINUTES) {
      scale *= 2;
    }
    double exponent = HAZARD_FATIGUE * scale * sensitivity[person] * fatigue;
    return Math.min(0.9, HAZARD * hazard[person] * irritation[campaign] * Math.exp(exponent));
  }

  /** Net margin that the message brings on average, less its cost, micros. */
  double expectedMargin(double clickProbability) {
    return clickProbability
            * (CONVERSION_PER_CLICK + CONVERSION_WITHOUT_CLICK)
            * ORDER_MARGIN_MICROS
        - World.COST_MICROS;
  }

  boolean clicks(int person, int campaign, double probability) {
    return unit(Purpose.CLICK, person, campaign) < probability;
  }

  boolean leaves(int person, int campaign, double probability) {
    return unit(Purpose.OPT_OUT, person, campaign) < probability;
  }

  /** Net margin of the purchase that the message causes, 0 without one, micros. */
  long margin(int person, int campaign, boolean clicked, double clickProbability) {
    double probability =
        clicked
            ? CONVERSION_PER_CLICK
            : CONVERSION_WITHOUT_CLICK * clickProbability / (1 - clickProbability);
    return unit(Purpose.CONVERSION, person, campaign) < probability ? order(person, campaign) : 0;
  }

  private long order(int person, int campaign) {
    return Math.round(
        ORDER_MARGIN_MICROS * logNormal(ORDER_SIGMA, gaussian(Purpose.ORDER, person, campaign)));
  }

  /** Net margin of a purchase without a message on that day, 0 without one, micros. */
  long organicMargin(int person, int day) {
    double probability = ORGANIC_PER_DAY * affinity[person];
    return unit(Purpose.ORGANIC, person, day) < probability ? order(person, 100_000 + day) : 0;
  }

  /** Minutes until a click: log-normal, median 4 minutes. */
  int clickDelay(int person, int campaign) {
    return delay(Purpose.CLICK_DELAY, person, campaign, 4, 1.2, 24 * 60);
  }

  /** Minutes until an opt-out: log-normal, median 6 minutes. */
  int optOutDelay(int person, int campaign) {
    return delay(Purpose.OPT_OUT_DELAY, person, campaign, 6, 1.3, 72 * 60);
  }

  /** Minutes until a purchase: log-normal, median an hour. */
  int conversionDelay(int person, int campaign) {
    return delay(Purpose.CONVERSION_DELAY, person, campaign, 60, 1.6, 7 * 24 * 60 - 1);
  }

  private int delay(
      Purpose purpose, int person, int campaign, double median, double sigma, int max) {
    return (int) Math.min(max, median * Math.exp(sigma * gaussian(purpose, person, campaign)));
  }
}
