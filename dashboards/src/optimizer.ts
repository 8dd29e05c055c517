// What does the optimizer earn, whom does it keep waiting, and what has it learnt?
import {
  DASHBOARDS, EXPERIMENT_STATES, LIST, LISTS, board, bars, categories, columns, during, field, finding, grid, headline, lines, sql, topic,
} from './heed.js';

const OF_OPTIMIZER = "startsWith(experiment_id, 'optimizer|')";

/** The list of a comparison optimizer|LIST|SALT. */
const LIST_OF = "arrayStringConcat(arraySlice(splitByChar('|', experiment_id), 2, length(splitByChar('|', experiment_id)) - 2), '|') AS list_id";

/** One array of the newest model of each chosen list, a row an element. */
const newest = (array: 'figures' | 'curve') => sql`
  FROM (
      SELECT ${field('list_id')} AS list_id, arrayJoin(JSONExtractArrayRaw(payload, '${array}')) AS element
      FROM decision_newest
      WHERE topic = ${topic('sms.decision.value-model')} AND endsWith(key, '|model')
  )
  WHERE ${LISTS}`;

const NO_CONTROL = 'Nothing compared yet. A policy whose optimizer is in the mode test draws a control, and this shows what the optimizer earns against it.';
const NO_MODEL = 'No value model yet: the job optimizer makes one of each list when a UTC day closes.';
const NO_VERDICTS = 'The optimizer had no part in a verdict of this range.';

export function optimizer() {
  const lift = grid({
    id: 1, title: 'What the optimizer earns against its control', unit: 'locale', at: {x: 0, y: 0, w: 24, h: 7}, decimals: 0,
    description: 'Per recipient, within the window after the first request: net value (margin of revenue net of refunds, less the cost of messages, less the value of subscribers who opted out) and what it is made of, of those for whom the optimizer decides and of the control with plain caps, with the 95 % confidence sequence of the difference, valid however often it is looked at. Money in currency, shares in people. As of the newest evaluation; not bound to the range.',
    empty: NO_CONTROL,
  }, sql`
    SELECT list_id AS list, replaceAll(metric, '_', ' ') AS per_recipient,
        if(metric IN ('net_value', 'revenue'), 1e-6, 1) * mean AS optimised,
        if(metric IN ('net_value', 'revenue'), 1e-6, 1) * holdout_mean AS control,
        if(metric IN ('net_value', 'revenue'), 1e-6, 1) * effect AS difference,
        if(metric IN ('net_value', 'revenue'), 1e-6, 1) * effect_lower AS at_least,
        if(metric IN ('net_value', 'revenue'), 1e-6, 1) * effect_upper AS at_most,
        ${finding('effect_lower', 'effect_upper', 'more than control', 'less than control')} AS finding,
        recipients, holdout_recipients AS in_control, evaluated_at AS evaluated
    FROM (
        SELECT *, ${LIST_OF}
        FROM incremental_lift
        WHERE ${OF_OPTIMIZER} AND metric IN ('net_value', 'revenue', 'converting', 'opt_out')
        ORDER BY evaluated_at DESC
        LIMIT 1 BY experiment_id, metric
    )
    WHERE ${LISTS}
    ORDER BY list, metric != 'net_value', metric`);
  columns(lift, {
    per_recipient: {label: 'per recipient'},
    optimised: {decimals: 4},
    control: {decimals: 4},
    difference: {decimals: 4},
    at_least: {label: 'at least', decimals: 4},
    at_most: {label: 'at most', decimals: 4},
    in_control: {label: 'in the control'},
  });

  const states = grid({
    id: 2, title: 'Whether it decides', unit: 'locale', at: {x: 0, y: 7, w: 12, h: 7},
    description: 'The newest decision about each list\'s optimizer: it goes on, or it was stopped for harm, when plain caps decide again. Another salt in the policy begins again. Not bound to the range.',
    empty: NO_CONTROL,
  }, sql`
    SELECT list_id AS list, state, decided_at AS since, share AS optimised
    FROM (
        SELECT key AS experiment_id, ${LIST_OF}, state, decided_at,
            JSONExtractFloat(payload, 'allocation', 'optimised') AS share
        FROM decision_newest
        WHERE topic = ${topic('sms.decision.experiment')} AND startsWith(key, 'optimizer|')
    )
    WHERE ${LISTS}
    ORDER BY list`);
  columns(states, {
    state: {mappings: EXPERIMENT_STATES},
    optimised: {label: 'share optimised', unit: 'percentunit', decimals: 0},
  });

  const waiting = grid({
    id: 5, title: 'Which campaigns wait, and why', unit: 'locale', at: {x: 12, y: 14, w: 12, h: 9}, decimals: 0,
    description: 'Verdicts of the range that kept a message back for its value, by campaign of the request: a pilot whose clicks are not in yet, a message that is not worth its place, and one that was withheld by chance to learn. Beside them what such a message would have brought on average, less its cost, and its risk of an opt-out.',
    empty: NO_VERDICTS,
  }, sql`
    SELECT campaign, list_id AS list,
        countIf(cause = 'PILOT_PENDING') AS pilot_pending,
        countIf(cause = 'UNWANTED') AS not_worth_it,
        countIf(cause = 'WITHHELD') AS by_chance,
        avgIf(brings_micros, cause != 'PILOT_PENDING') / 1e6 AS brings,
        avgIf(hazard, cause != 'PILOT_PENDING') AS risk
    FROM (
        SELECT *
        FROM value_verdict
        WHERE verdict = 'DEFER' AND ${during('decided_at')} AND ${LISTS}
    ) AS verdicts
    LEFT JOIN (
        SELECT request_id, any(campaign_id) AS campaign
        FROM events
        WHERE event_type = 'send-request' AND ${during('event_time')}
        GROUP BY request_id
    ) AS requests ON verdicts.request_id = requests.request_id
    GROUP BY campaign, list
    ORDER BY not_worth_it + by_chance + pilot_pending DESC
    LIMIT 200`);
  columns(waiting, {
    pilot_pending: {label: 'pilot pending'},
    not_worth_it: {label: 'not worth it'},
    by_chance: {label: 'by chance'},
    brings: {unit: 'currencyUSD', decimals: 4},
    risk: {unit: 'percentunit', decimals: 2},
  });

  const others = grid({
    id: 12, title: 'Had other policies decided', unit: 'currencyUSD', at: {x: 0, y: 56, w: 24, h: 7}, decimals: 4,
    description: 'Net revenue of a person within 7 days of the day\'s first request that the optimizer judged, estimated for other policies from what it did by chance: each outcome is weighted by the inverse of the probability that it had in its verdict (self-normalised). Without pilots, which leave nothing to chance, and without days whose 7 days are not over. The interval is an ordinary one of 95 %, for one look; where a policy rests on few people by chance it is wide. It says what would have followed in that week, not what an opt-out costs later: that is in the lift above.',
    empty: 'No day of this range is old enough, or the optimizer does not explore yet.',
  }, sql`
    WITH
      units AS (
        SELECT recipient_id, list_id, min(decided_at) AS at, argMin(cause, decided_at) AS judged,
            argMin(propensity, decided_at) AS chance
        FROM value_verdict
        WHERE cause IN ('WANTED', 'WITHHELD', 'UNWANTED', 'EXPLORED') AND propensity < 1
          AND ${during('decided_at')} AND ${LISTS}
        GROUP BY recipient_id, list_id, toDate(decided_at)
        HAVING at < now() - INTERVAL 7 DAY
      ),
      outcomes AS (
        SELECT any(judged) AS judged, any(chance) AS chance,
            sumIf(if(kind = 'REFUND', -1, 1) * revenue_micros, event_time > at AND event_time <= at + INTERVAL 7 DAY) / 1e6 AS brought
        FROM units
        LEFT JOIN (
            SELECT recipient_id, event_time, kind, revenue_micros
            FROM events
            WHERE event_type = 'conversion' AND event_time >= $__fromTime AND event_time <= $__toTime + INTERVAL 7 DAY
        ) AS conversions USING (recipient_id)
        GROUP BY recipient_id, list_id, at
      )
    SELECT rule.2 AS policy, countIf(weight > 0) AS people, sum(weight * brought) / sum(weight) AS brings,
        brings - 1.96 * sqrt(sum(weight * weight * pow(brought - mean, 2))) / sum(weight) AS at_least,
        brings + 1.96 * sqrt(sum(weight * weight * pow(brought - mean, 2))) / sum(weight) AS at_most,
        if(at_least = at_most, 'no interval yet', ${finding('at_least', 'at_most', 'brings money', 'loses money')}) AS finding
    FROM (
        SELECT rule, rule.3 AS weight, brought, sum(weight * brought) OVER (PARTITION BY rule.1) / sum(weight) OVER (PARTITION BY rule.1) AS mean
        FROM outcomes
        ARRAY JOIN [
            (1, 'as it ran, chance included', 1.),
            (2, 'the optimizer without its chance', if(judged IN ('WANTED', 'UNWANTED'), 1 / chance, 0.)),
            (3, 'everything sent', if(judged IN ('WANTED', 'EXPLORED'), 1 / chance, 0.)),
            (4, 'nothing sent', if(judged IN ('WITHHELD', 'UNWANTED'), 1 / chance, 0.))
        ] AS rule
    )
    GROUP BY rule.1, rule.2
    HAVING people > 0
    ORDER BY rule.1`);
  columns(others, {
    people: {label: 'people and days', unit: 'locale', decimals: 0},
    brings: {label: 'brings'},
    at_least: {label: 'at least'},
    at_most: {label: 'at most'},
  });

  return board(DASHBOARDS.optimizer,
      'What does the optimizer earn against its control, whom does it keep waiting, and what has it learnt? Figures follow the chosen lists.',
      'now-30d', '1m')
    .withVariable(LIST())
    .withPanel(lift)
    .withPanel(states)
    .withPanel(lines({
      id: 3, named: 'series', title: 'Net value earned, with its interval, over time', unit: 'currencyUSD', at: {x: 12, y: 7, w: 12, h: 7}, decimals: 4,
      description: 'Difference of net value per recipient between those for whom the optimizer decides and the control, at each evaluation, with its 95 % confidence sequence. The interval can only become narrower.',
      empty: NO_CONTROL,
    }, sql`
      SELECT evaluated_at AS time, concat(list_id, bound.1) AS series, bound.2 / 1e6 AS value
      FROM (
          SELECT *, ${LIST_OF}
          FROM incremental_lift
          WHERE ${OF_OPTIMIZER} AND metric = 'net_value' AND effect IS NOT NULL
      )
      ARRAY JOIN [(', at least', effect_lower), ('', effect), (', at most', effect_upper)] AS bound
      WHERE ${during('evaluated_at')} AND ${LISTS}
      ORDER BY time, series`)
      .spanNulls(true))
    .withPanel(bars({
      id: 4, named: 'found', title: 'Verdicts by what the optimizer found', unit: 'locale', at: {x: 0, y: 14, w: 12, h: 9}, decimals: 0,
      description: 'Verdicts that the optimizer had a part in, by hour of the request: sent because worth it, as part of a pilot, or by chance to learn (explored); kept back because not worth it, until the pilot\'s clicks are in, or by chance to learn (withheld).',
      empty: NO_VERDICTS,
    }, sql`
      SELECT $__timeInterval(decided_at) AS time, lower(replaceAll(cause, '_', ' ')) AS found, count() AS verdicts
      FROM value_verdict
      WHERE ${during('decided_at')} AND ${LISTS}
      GROUP BY time, found
      ORDER BY time, found`)
      .interval('1h')
      .maxDataPoints(60))
    .withPanel(waiting)
    .withPanel(others)
    .withPanel(categories({
      id: 6, title: 'Value of a subscriber by messages a month', unit: 'currencyUSD', at: {x: 0, y: 23, w: 12, h: 16}, decimals: 2,
      description: 'What a subscriber of average affinity is worth who gets so many average messages in 30 days, evenly spaced, for as long as the person stays, by the newest model of each chosen list: what messages bring less their cost, while opt-outs end it. More is better until it is not.',
      empty: NO_MODEL,
    }, sql`
      SELECT concat(list_id, ', ', toString(JSONExtractInt(element, 'messages_a_month') AS number)) AS messages,
          JSONExtractInt(element, 'value_micros') / 1e6 AS value
      ${newest('curve')}
      ORDER BY list_id, number`)
      .displayName('value of a subscriber'))
    .withPanel(categories({
      id: 7, title: 'Opt-outs a month by messages a month', unit: 'percentunit', at: {x: 12, y: 23, w: 12, h: 16}, decimals: 2,
      description: 'Probability that such a subscriber opts out within 30 days, by the newest model of each chosen list.',
      empty: NO_MODEL,
    }, sql`
      SELECT concat(list_id, ', ', toString(JSONExtractInt(element, 'messages_a_month') AS number)) AS messages,
          JSONExtractFloat(element, 'opt_outs_a_month') AS leave
      ${newest('curve')}
      ORDER BY list_id, number`)
      .displayName('opt out within 30 days'))
    .withPanel(grid({
      id: 8, title: 'Hazard of a message by fatigue and messages borne', unit: 'percentunit', at: {x: 0, y: 39, w: 12, h: 9}, decimals: 3,
      description: 'Probability that a person of average affinity opts out because of one average message, by messages borne so far and by fatigue (recent messages, each counted by how much of it is left), by the newest model of each chosen list.',
      empty: NO_MODEL,
    }, sql`
      SELECT list_id AS list, concat(toString(borne_from), ' or more') AS borne,
          ${[0, 1, 2, 4, 8].map(fatigue =>
            `anyIf(JSONExtractFloat(element, 'hazard'), JSONExtractFloat(element, 'fatigue') = ${fatigue}) AS "fatigue ${fatigue}"`).join(',\n')}
      ${newest('figures')}
      GROUP BY list, JSONExtractInt(element, 'borne_from') AS borne_from
      ORDER BY list, borne_from`))
    .withPanel(lines({
      id: 9, named: 'list', title: 'Value of a new subscriber, as it was learnt', unit: 'currencyUSD', at: {x: 12, y: 39, w: 12, h: 9}, decimals: 2,
      description: 'Value of a rested person of average affinity who has borne few messages, by each day\'s model.',
      empty: NO_MODEL,
    }, sql`
      SELECT made_at AS time, list_id AS list, value_micros / 1e6 AS value
      FROM value_figure
      WHERE ${during('made_at')} AND ${LISTS} AND borne_from = 0 AND fatigue = 0
      ORDER BY time, list`)
      .spanNulls(true))
    .withPanel(lines({
      id: 10, named: 'list', title: 'Value of a click, as it was learnt', unit: 'currencyUSD', at: {x: 0, y: 48, w: 12, h: 8}, decimals: 2,
      description: 'Net margin that a click brings, by each day\'s model: texted against withheld people together with what attribution credits.',
      empty: NO_MODEL,
    }, sql`
      SELECT decided_at AS time, ${field('list_id')} AS list, JSONExtractInt(payload, 'value_per_click_micros') / 1e6 AS value
      FROM decision
      WHERE topic = ${topic('sms.decision.value-model')} AND endsWith(key, '|model') AND ${during('decided_at')}
        AND ${field('list_id')} IN (\${list:singlequote})
      ORDER BY time, list`)
      .spanNulls(true))
    .withPanel(headline({
      id: 11, title: 'What exploring costs', unit: 'currencyUSD', at: {x: 12, y: 48, w: 12, h: 8}, decimals: 2,
      description: 'In the range, and in the period before: what the messages that were withheld by chance would have brought, less their cost and risk, and what those that were sent by chance lost, by the figures of their verdicts. It is what learning costs.',
      empty: NO_VERDICTS,
    }, "sum(if(cause = 'WITHHELD', 1, -1) * (brings_micros - hazard * subscriber_micros)) / 1e6", window => sql`
      FROM value_verdict
      WHERE cause IN ('WITHHELD', 'EXPLORED') AND ${window} AND ${LISTS}
      HAVING count() > 0`, 'decided_at'));
}
