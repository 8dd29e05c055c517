// What did the send gate decide, and did we message anyone we should not have?
import {
  CAMPAIGN, DASHBOARDS, LIST, MEANING, bars, board, colored, columns, during, field, figure, fixed, grid, headline, lines, ranking, sql, thresholds, topic, MATURE,
} from './heed.js';

const evidence = (name: string) => `JSONExtractString(payload, 'evidence', '${name}')`;

/** Messages of the range that should not have gone out, one row a message and rule. */
export const breaches = (window: string) => sql`
  SELECT
      key,
      any(decided_at) AS time,
      any(replaceAll(${field('kind')}, '_', ' ')) AS breach,
      any(${evidence('message_id')}) AS message,
      any(${evidence('recipient_id')}) AS recipient,
      any(${evidence('campaign_id')}) AS campaign,
      any(${evidence('list_id')}) AS list,
      any(${evidence('rule')}) AS rule,
      any(JSONExtractFloat(payload, 'evidence', 'exposure_usd_low')) AS exposure_low,
      any(JSONExtractFloat(payload, 'evidence', 'exposure_usd_high')) AS exposure_high
  FROM decision
  WHERE topic = ${topic('sms.alert')} AND startsWith(key, 'sent_') AND state = 'FIRING' AND ${window}
    AND $__conditionalAll(${evidence('list_id')} IN (\${list:singlequote}), $list)
    AND $__conditionalAll(${evidence('campaign_id')} IN (\${campaign:singlequote}), $campaign)
  GROUP BY key`;

const verdicts = (window: string) => sql`
  FROM decision_hourly
  WHERE topic = ${topic('sms.decision.send-verdict')} AND ${window}`;

const BREACHES = breaches('$__timeFilter_ms(decided_at)');

const VERDICTS = verdicts(during('hour'));

const given = (window: string) => sql`
  ${verdicts(window)}
  HAVING sum(decisions) > 0`;

/** The states of the recipients' newest suppressions or caps, counted. */
const current = (name: string, state: string) => sql`
  FROM decision_current
  WHERE topic = ${topic(name)} AND state = '${state}'
    AND $__conditionalAll(scope IN (\${list:singlequote}, '*'), $list)`;

/**
 * How long a suppression took from the append of the opt-out or the reply that caused it, if that came live
 * (within 5 minutes, as the jobs have it): history that is read in bulk says nothing about it. The
 * suppression's instant names its cause.
 */
const DELAYS = sql`
  SELECT suppressions.written AS written,
      dateDiff('millisecond', causes.taken, suppressions.written) AS delay
  FROM (
      SELECT recipient_id, event_time, min(appended_at) AS taken
      FROM events
      WHERE event_type IN ('opt-out', 'reply') AND appended_at >= $__fromTime AND appended_at < event_time + INTERVAL 5 MINUTE
      GROUP BY recipient_id, event_time
  ) AS causes
  INNER JOIN (
      SELECT ${field('recipient_id')} AS recipient_id, decided_at, min(emitted_at) AS written
      FROM decision
      WHERE topic = ${topic('sms.decision.suppression')} AND state = 'SUPPRESSED' AND $__timeFilter_ms(emitted_at)
      GROUP BY recipient_id, decided_at
  ) AS suppressions ON causes.recipient_id = suppressions.recipient_id AND causes.event_time = suppressions.decided_at
  WHERE delay >= 0`;

const NO_GATE = 'The send gate has decided nothing in this range. Send it requests on the topic sms.send-request.';

export function sendingDecisions() {
  const against = grid({
    id: 14, title: 'Messages against the rules', unit: 'locale', at: {x: 0, y: 32, w: 24, h: 9}, decimals: 0,
    description: 'Messages of the chosen lists and campaigns that went out after an opt-out, in quiet hours, above a cap or to a hold-out, newest first, with what each may cost by law (US dollars, the sum of the places where the recipient may be; nothing for a hold-out).',
    empty: 'No message of this range broke a rule.',
  }, sql`
    SELECT time, breach, campaign, list, rule, recipient, message, exposure_low, exposure_high
    FROM (
        ${BREACHES}
    )
    ORDER BY time DESC
    LIMIT 500`);
  columns(against, {
    exposure_low: {label: 'exposure from', unit: 'currencyUSD', decimals: 0},
    exposure_high: {label: 'exposure to', unit: 'currencyUSD', decimals: 0, steps: [[0, 'red']]},
  });

  const capped = grid({
    id: 15, title: 'Who is capped, and until when', unit: 'locale', at: {x: 0, y: 41, w: 12, h: 10},
    description: 'Recipients whose frequency cap is reached, those who may be texted again first, up to 500; as of now, not bound to the range. Tag caps appear in verdicts only.',
    empty: 'No cap is reached.',
  }, sql`
    SELECT recipient_id AS recipient, if(scope = '*', 'all lists', scope) AS on_list, lower(category) AS category,
        multiIf(source = 'STATE_LAW', 'law', source = 'OPTIMISED', 'optimizer', 'policy') AS cap, since, until
    FROM capped
    WHERE $__conditionalAll(scope IN (\${list:singlequote}, '*'), $list)
    ORDER BY capped.until, recipient
    LIMIT 500`);
  columns(capped, {
    on_list: {label: 'list'},
    since: {unit: 'dateTimeAsIso'},
    until: {unit: 'dateTimeAsIso'},
  });

  const held = grid({
    id: 16, title: 'What caps held back, cost and spared', unit: 'locale', at: {x: 12, y: 41, w: 12, h: 10}, decimals: 0,
    description: 'Verdicts of the range that deferred a message for a cap, of all lists, and what as many average messages of the range would have cost, been credited with by last touch, and lost in opt-outs. Credit is more than what a message adds: most of it would have come anyway (Attribution). A message that was requested again counts again.',
    empty: 'No cap held a message back in this range.',
  }, sql`
    SELECT if(reason = 'CAP_REACHED', 'policy', 'law of a state') AS cap, held_back,
        held_back * cost AS cost_saved, held_back * revenue AS credit_forgone, held_back * opt_out_rate AS opt_outs_spared
    FROM (
        SELECT reason, sum(decisions) AS held_back
        ${VERDICTS} AND state = 'DEFER' AND reason IN ('CAP_REACHED', 'STATE_CAP_REACHED')
        GROUP BY reason
    ) AS deferred
    CROSS JOIN (
        SELECT sum(cost_micros) / 1e6 / nullIf(sum(sends), 0) AS cost,
            sumIf(opt_outs, ${MATURE}) / nullIf(sumIf(sends, ${MATURE}), 0) AS opt_out_rate,
            (
                SELECT sum(revenue_micros) / 1e6
                FROM attribution_hourly
                WHERE ${during('hour')} AND model = 'last_touch' AND channel = 'sms'
            ) / nullIf(sum(sends), 0) AS revenue
        FROM send_cohort
        WHERE ${during('cohort_hour')} AND campaign_id != ''
    ) AS message
    ORDER BY held_back DESC`);
  columns(held, {
    cap: {label: 'cap by'},
    held_back: {label: 'held back'},
    cost_saved: {label: 'cost saved', unit: 'currencyUSD', decimals: 2},
    credit_forgone: {label: 'credit forgone', unit: 'currencyUSD', decimals: 2},
    opt_outs_spared: {label: 'opt-outs spared', decimals: 1},
  });

  return board(DASHBOARDS.decisions,
      'What did the send gate decide, and did we message anyone we should not have? Verdicts are about requests of all lists; caps, suppressions and breaches follow the chosen lists.',
      'now-30d', '30s')
    .withVariable(LIST())
    .withVariable(CAMPAIGN())
    .withPanel(headline({
      id: 1, title: 'Verdicts given', unit: 'locale', at: {x: 0, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Verdicts given in the range and in the period before, of all lists. A repeated request gets another verdict record.',
      empty: 'None in this range.',
    }, 'sum(decisions)', given, 'hour'))
    .withPanel(headline({
      id: 2, title: 'Allowed', unit: 'percentunit', at: {x: 4, y: 0, w: 4, h: 4}, decimals: 1,
      description: 'Share of the verdicts in the range, and in the period before, that allowed the message.',
      empty: 'None in this range.',
    }, "sumIf(decisions, state = 'ALLOW') / sum(decisions)", given, 'hour'))
    .withPanel(figure({
      id: 3, title: 'Suppressions in force', unit: 'locale', at: {x: 8, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Recipients and scopes that must not be texted, as of now; not bound to the range. A recipient who is suppressed on two lists counts twice.',
      empty: 'None yet.',
    }, sql`
      SELECT sum(keys) AS suppressions
      ${current('sms.decision.suppression', 'SUPPRESSED')}
      HAVING suppressions > 0`))
    .withPanel(figure({
      id: 4, title: 'Caps in force', unit: 'locale', at: {x: 12, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Recipients and scopes whose frequency cap is reached, as of now; not bound to the range.',
      empty: 'None yet.',
    }, sql`
      SELECT sum(keys) AS caps
      ${current('sms.decision.frequency-cap', 'CAPPED')}
      HAVING caps > 0`))
    .withPanel(figure({
      id: 5, title: 'Time to suppress, p99', unit: 'ms', at: {x: 16, y: 0, w: 4, h: 4},
      description: 'From the instant at which Kafka took an opt-out or a reply to the instant at which the suppression was written, for suppressions written in the range. History that is read in bulk is left out: only causes that Kafka took within 5 minutes of their own time count.',
      empty: 'None in this range.',
    }, sql`
      SELECT quantileExact(0.99)(delay) AS p99
      FROM (
          ${DELAYS}
      )
      HAVING count() > 0`)
      .thresholds(thresholds('green', [1_000, 'yellow'], [60_000, 'red'])))
    .withPanel(headline({
      id: 6, title: 'Legal exposure', unit: 'currencyUSD', at: {x: 20, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'The most that the messages against the rules of the range, and of the period before, may cost by law: the sum of the higher end over messages, each counted once by its dearest breach. A message to a hold-out breaks no law and costs nothing. The messages are listed below.',
    }, 'sum(exposure)', window => sql`
      FROM (
          SELECT message, max(exposure_high) AS exposure
          FROM (
              ${breaches(window)}
          )
          GROUP BY message
      )`, 'decided_at')
      .thresholds(thresholds('green', [1, 'red'])))
    .withPanel(colored(bars({
      id: 7, named: 'state', title: 'Verdicts', unit: 'locale', at: {x: 0, y: 4, w: 12, h: 9}, decimals: 0,
      description: 'Verdicts by instant of the request, of all lists.',
      empty: NO_GATE,
    }, sql`
      SELECT $__timeInterval(hour) AS time, state, sum(decisions) AS verdicts
      ${VERDICTS}
      GROUP BY time, state
      ORDER BY time, state`)
      .interval('1h')
      .maxDataPoints(31), MEANING))
    .withPanel(ranking({
      id: 8, title: 'Why messages were deferred or denied', unit: 'locale', at: {x: 12, y: 4, w: 12, h: 9}, decimals: 0,
      description: 'Verdicts other than ALLOW in the range, by their first reason.',
      empty: 'No verdict of this range deferred or denied a message.',
    }, sql`
      SELECT concat(lower(state), ': ', lower(replaceAll(reason, '_', ' '))) AS why, sum(decisions) AS verdicts
      ${VERDICTS} AND state != 'ALLOW'
      GROUP BY why
      ORDER BY verdicts DESC`)
      .colorScheme(fixed('orange')))
    .withPanel(lines({
      id: 9, title: 'Time from opt-out to suppression', unit: 'ms', at: {x: 0, y: 13, w: 12, h: 9},
      description: 'From the instant at which Kafka took an opt-out or a reply to the instant at which the suppression was written, by the latter; without history that was read in bulk.',
      empty: 'No suppression was written in this range.',
    }, sql`
      SELECT $__timeInterval_ms(written) AS time, quantileExact(0.5)(delay) AS median, quantileExact(0.99)(delay) AS "99th percentile", max(delay) AS longest
      FROM (
          ${DELAYS}
      )
      GROUP BY time
      ORDER BY time`)
      .interval('1m')
      .min(0)
      .pointSize(6))
    .withPanel(ranking({
      id: 10, title: 'Suppressions in force by cause', unit: 'locale', at: {x: 12, y: 13, w: 6, h: 9}, decimals: 0,
      description: 'Recipients and scopes that must not be texted, by what caused it, as of now; not bound to the range.',
      empty: 'Nobody is suppressed yet.',
    }, sql`
      SELECT lower(replaceAll(cause, '_', ' ')) AS method, sum(keys) AS suppressions
      ${current('sms.decision.suppression', 'SUPPRESSED')}
      GROUP BY method
      ORDER BY suppressions DESC`)
      .colorScheme(fixed('red')))
    .withPanel(ranking({
      id: 11, title: 'Caps in force by list and source', unit: 'locale', at: {x: 18, y: 13, w: 6, h: 9}, decimals: 0,
      description: 'Recipients whose frequency cap is reached, by the cap\'s scope and source (a policy or a state\'s law), as of now; not bound to the range. Tag caps appear in verdicts only.',
      empty: 'No cap is reached.',
    }, sql`
      SELECT concat(if(scope = '*', 'all lists', scope), ', ', if(cause = 'STATE_LAW', 'law', 'policy')) AS cap, sum(keys) AS recipients
      ${current('sms.decision.frequency-cap', 'CAPPED')}
      GROUP BY cap
      ORDER BY recipients DESC`)
      .colorScheme(fixed('yellow')))
    .withPanel(bars({
      id: 12, named: 'cause', title: 'New suppressions', unit: 'locale', at: {x: 0, y: 22, w: 12, h: 10}, decimals: 0,
      description: 'Suppressions by the instant of their cause, of all lists, by reason.',
      empty: 'No suppression in this range.',
    }, sql`
      SELECT $__timeInterval(hour) AS time, lower(replaceAll(reason, '_', ' ')) AS cause, sum(decisions) AS suppressions
      FROM decision_hourly
      WHERE topic = ${topic('sms.decision.suppression')} AND state = 'SUPPRESSED' AND ${during('hour')}
      GROUP BY time, cause
      ORDER BY time, cause`)
      .interval('1h')
      .maxDataPoints(31))
    .withPanel(bars({
      id: 13, named: 'breach', title: 'Messages against the rules by day', unit: 'locale', at: {x: 12, y: 22, w: 12, h: 10}, decimals: 0,
      description: 'Breaches on the chosen lists and campaigns by instant of the message. A message that breaks two rules counts once in each.',
      empty: 'No message of this range broke a rule.',
    }, sql`
      SELECT $__timeInterval_ms(time) AS at, breach, count() AS breaches
      FROM (
          ${BREACHES}
      )
      GROUP BY at, breach
      ORDER BY at, breach`)
      .interval('1h')
      .maxDataPoints(31))
    .withPanel(against)
    .withPanel(capped)
    .withPanel(held);
}
