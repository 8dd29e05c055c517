package io.heed.core.attribution;

import static io.heed.core.attribution.Facts.DAY;
import static io.heed.core.attribution.Facts.HOUR;
import static io.heed.core.attribution.Facts.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Policy;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.Send;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The lift of everything that is sent, against the people who get nothing. */
class ProgrammeLiftTest {
  private static final String POLICY =
      """
      id: p
      holdout: {share: 0.3, start: %s, until: %s, salt: %s}
      """;
  private static final int PEOPLE = 400;

  private static ConfigVersion policy(long from, long until, String salt) {
    String document =
        POLICY.formatted(
            Instant.ofEpochMilli(START + from), Instant.ofEpochMilli(START + until), salt);
    return new ConfigVersion("policy", "p", "h-" + salt, START + from, START + from, document);
  }

  private static ProgrammeHoldout holdout(ConfigVersion version) throws Exception {
    return Policy.parse("p", version.document()).holdout();
  }

  private static List<IncrementalLiftRow> rows(TestingJob job) {
    return job.lift.stream().filter(row -> row.experimentId().equals("programme")).toList();
  }

  private static IncrementalLiftRow last(TestingJob job, String salt, LiftMetric metric) {
    return rows(job).stream()
        .filter(row -> row.variantId().equals(salt) && row.metric().equals(metric.text()))
        .max(Comparator.comparingLong(IncrementalLiftRow::evaluatedAt))
        .orElseThrow();
  }

  private static void advance(TestingJob job, int days) {
    for (int day = 0; day <= days; day++) {
      job.advance(START + day * DAY);
    }
  }

  @Test
  void everybodyEntersWithTheFirstMessageOrItsRefusalInTheArmOfTheDraw() throws Exception {
    ConfigVersion version = policy(DAY, 60 * DAY, "h1");
    ProgrammeHoldout holdout = holdout(version);
    TestingJob job = new TestingJob();
    job.policies.add(version);
    int[] people = new int[2];
    int[] buyers = new int[2];
    for (int i = 0; i < PEOPLE; i++) {
      String r = "r" + i;
      boolean held = holdout.holds(r);
      people[held ? 1 : 0]++;
      // Before the hold-out begins everybody gets messages, which are no exposure.
      job.process(Facts.send(0, r, "old" + i, "c0"));
      if (held) {
        job.process(Facts.assignment(DAY + HOUR, r, "programme", "holdout"));
      } else if (i % 3 == 0) {
        // Held out of one test: the programme would have reached this person, too.
        job.process(Facts.assignment(DAY + HOUR, r, "x", "none"));
      } else {
        job.process(Facts.send(DAY + HOUR, r, "m" + i, "c1"));
        job.process(Facts.delivered(DAY + HOUR + 1, r, "m" + i));
      }
      if (i % 2 == 0) {
        buyers[held ? 1 : 0]++;
        job.process(Facts.purchase(DAY + 2 * HOUR, r, "p" + i, 10_000_000));
        job.process(Facts.purchase(DAY + 3 * HOUR, r, "q" + i, 10_000_000));
        // Too late, and too early.
        job.process(Facts.purchase(9 * DAY, r, "s" + i, 10_000_000));
        job.process(Facts.purchase(DAY - 1, r, "t" + i, 10_000_000));
      }
    }
    advance(job, 12);
    IncrementalLiftRow converting = last(job, "h1", LiftMetric.CONVERTING);
    assertThat(converting.recipients()).isEqualTo(people[0]);
    assertThat(converting.holdoutRecipients()).isEqualTo(people[1]);
    assertThat(converting.mean()).isEqualTo((double) buyers[0] / people[0]);
    assertThat(converting.holdoutMean()).isEqualTo((double) buyers[1] / people[1]);
    IncrementalLiftRow revenue = last(job, "h1", LiftMetric.REVENUE);
    assertThat(revenue.mean()).isEqualTo(2e7 * buyers[0] / people[0]);
    assertThat(revenue.creditedMean()).isBetween(1.0, revenue.mean() - 1);
    assertThat(last(job, "h1", LiftMetric.PURCHASE).mean()).isEqualTo(2.0 * buyers[0] / people[0]);
  }

  /** While people are held out every message is an exposure, whose window is due with the lift. */
  @Test
  void aMessageIsDueWhenItsLiftIs() throws Exception {
    AttributionPolicies policies = new AttributionPolicies();
    HistoryRetention retention = new HistoryRetention(policies, 35 * DAY);
    Event send = Facts.send(3 * DAY + HOUR, "r", "m", "c");
    assertThat(retention.due(send)).isGreaterThan(START + 35 * DAY);
    policies.add(policy(DAY, 5 * DAY, "h1"));
    assertThat(retention.due(send)).isEqualTo(START + 11 * DAY);
    assertThat(retention.due(Facts.send(6 * DAY, "r", "m", "c"))).isGreaterThan(START + 35 * DAY);
  }

  @Test
  void whoGotAMessageAllTheSameStaysHeldOut() throws Exception {
    ConfigVersion version = policy(0, 60 * DAY, "h1");
    ProgrammeHoldout holdout = holdout(version);
    TestingJob job = new TestingJob();
    job.policies.add(version);
    int held = 0;
    for (int i = 0; i < PEOPLE; i++) {
      held += holdout.holds("r" + i) ? 1 : 0;
      job.process(Facts.send(HOUR, "r" + i, "m" + i, "c1"));
      job.process(Facts.purchase(2 * HOUR, "r" + i, "p" + i, 1_000_000));
    }
    advance(job, 9);
    IncrementalLiftRow row = last(job, "h1", LiftMetric.CONVERTING);
    assertThat(row.holdoutRecipients()).isEqualTo(held).isBetween(90L, 150L);
    assertThat(row.recipients()).isEqualTo(PEOPLE - held);
  }

  @Test
  void otherCategoriesAreNoExposure() throws Exception {
    TestingJob job = new TestingJob();
    job.policies.add(policy(0, 60 * DAY, "h1"));
    for (int i = 0; i < PEOPLE; i++) {
      Send send = (Send) Facts.send(HOUR, "r" + i, "m" + i, "c1");
      job.process(transactional(send));
      job.process(Facts.purchase(2 * HOUR, "r" + i, "p" + i, 1_000_000));
    }
    advance(job, 9);
    assertThat(rows(job)).isEmpty();
  }

  private static Send transactional(Send s) {
    return new Send(
        s.eventId(),
        s.eventTime(),
        s.recipientId(),
        s.messageId(),
        s.campaignId(),
        s.listId(),
        Category.TRANSACTIONAL,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        0,
        null,
        null);
  }

  @Test
  void eachSaltIsAnExperimentOfItsOwn() throws Exception {
    ConfigVersion first = policy(0, 10 * DAY, "h1");
    ConfigVersion second = policy(10 * DAY, 60 * DAY, "h2");
    TestingJob job = new TestingJob();
    job.policies.add(first);
    job.policies.add(second);
    int[] held = new int[2];
    for (int i = 0; i < PEOPLE; i++) {
      String r = "r" + i;
      for (int half = 0; half < 2; half++) {
        long at = 11 * DAY * half + HOUR;
        boolean out = holdout(half == 0 ? first : second).holds(r);
        held[half] += out ? 1 : 0;
        job.process(
            out
                ? Facts.assignment(at, r, "programme", "holdout")
                : Facts.send(at, r, "m" + half + i, "c"));
        job.process(Facts.purchase(at + HOUR, r, "p" + half + i, 1_000_000));
      }
    }
    advance(job, 25);
    assertThat(last(job, "h1", LiftMetric.PURCHASE).holdoutRecipients()).isEqualTo(held[0]);
    assertThat(last(job, "h2", LiftMetric.PURCHASE).holdoutRecipients()).isEqualTo(held[1]);
    assertThat(last(job, "h2", LiftMetric.PURCHASE).recipients()).isEqualTo(PEOPLE - held[1]);
  }

  @Test
  void doesNotDependOnTheOrder() throws Exception {
    ConfigVersion version = policy(0, 60 * DAY, "h1");
    ProgrammeHoldout holdout = holdout(version);
    List<Event> events = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < PEOPLE; i++) {
      String r = "r" + i;
      for (int campaign = 0; campaign < 3; campaign++) {
        long at = (campaign * 2 + 1) * DAY + random.nextInt(1_000);
        events.add(
            holdout.holds(r)
                ? Facts.assignment(at, r, "programme", "holdout")
                : Facts.send(at, r, "m" + campaign + "-" + i, "c" + campaign));
      }
      events.add(Facts.purchase(random.nextLong(10 * DAY), r, "p" + i, 1_000_000));
    }
    List<IncrementalLiftRow> expected = played(version, events);
    assertThat(expected).isNotEmpty();
    for (int shuffle = 0; shuffle < 3; shuffle++) {
      List<Event> shuffled = new ArrayList<>(events);
      shuffled.addAll(events.subList(0, 50));
      Collections.shuffle(shuffled, random);
      assertThat(played(version, shuffled)).isEqualTo(expected);
    }
  }

  private static List<IncrementalLiftRow> played(ConfigVersion version, List<Event> events)
      throws Exception {
    TestingJob job = new TestingJob();
    job.policies.add(version);
    events.forEach(job::process);
    advance(job, 20);
    return rows(job);
  }
}
