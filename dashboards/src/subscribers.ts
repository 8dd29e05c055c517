// Who is on the lists, how many come and go, and what makes them leave?
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  DASHBOARDS, LIST, LISTS, LIST_HEALTH, beginBefore, board, categories, colored, columns, during, figure, fixed, grid, headline, lines, ranking, sql,
} from './heed.js';

const changes = (window: string) => sql`
  FROM list_health
  WHERE ${window} AND window_seconds = 86400 AND campaign_id = '' AND ${LISTS}
  HAVING count() > 0`;

/** What sends were like, by day of the send. */
const profile = (dimension: string) => (window: string) => sql`
  FROM send_profile
  WHERE dimension = '${dimension}' AND ${window} AND ${LISTS}`;

const DAYS = during('day', 'toStartOfDay');

/** Days whose 72 hours are over. */
const SETTLED = `${DAYS} AND day <= toDate(now() - INTERVAL 97 HOUR)`;

const NO_SENDS = 'No message of this range is old enough: what became of it is counted for 72 hours.';

/** Classes of the age of a subscription: upper end in days, 0 for older, as the tables have them. */
const AGES: [number, string, string][] = [
  [7, 'up to 7 days', 'dark-green'], [30, 'up to 30 days', 'light-green'], [90, 'up to 90 days', 'yellow'], [180, 'up to 180 days', 'orange'],
  [365, 'up to a year', 'dark-orange'], [0, 'over a year', 'purple'], [65535, 'unknown', 'gray'],
];

const LEVELS = LIST_HEALTH.opt_out_rate.levels.map(({at}) => at);
const left = (level: number) => `left_to_${Math.round(level * 100)}`;

/** Subscribers who left in a period, over those and the ones who were there at its end: who is there now, less what has changed since. */
const churn = (period: string, since: string) =>
  `if(countIf(${period}) > 0, sumIf(opt_outs, ${period}) / nullIf(sumIf(opt_outs, ${period}) + there - sumIf(opt_ins - opt_outs, ${since}), 0), NULL)`;

const NOW_THERE = sql`SELECT sum(subscribers) FROM subscription WHERE ${LISTS}`;

export function subscribers() {
  const distance = grid({
    id: 6, title: 'How far each list is from the thresholds', unit: 'locale', at: {x: 0, y: 4, w: 14, h: 8}, decimals: 0,
    description: 'The newest day with messages of each list in the range: how many more of their recipients may opt out before its rate reaches what platforms call critical (2 %), what carriers flag (5 %) and what they may suspend for (10 %). Beside it the worst day of the range with at least 100 messages.',
    empty: 'No message in this range.',
  }, sql`
    SELECT list, day, messages, opt_outs, opt_outs / messages AS rate,
        ${LEVELS.map(level => `greatest(0, ceil(${level} * messages) - opt_outs) AS ${left(level)}`).join(',\n')},
        worst
    FROM (
        SELECT list_id AS list, toStartOfDay(cohort_hour) AS day, sum(sends) AS messages, sum(opt_outs) AS opt_outs,
            max(if(messages >= 100, opt_outs / messages, NULL)) OVER (PARTITION BY list) AS worst
        FROM send_cohort
        WHERE ${during('cohort_hour')} AND campaign_id != '' AND ${LISTS}
        GROUP BY list, day
        ORDER BY day DESC
        LIMIT 1 BY list
    )
    ORDER BY list`);
  columns(distance, {
    day: {unit: 'time:YYYY-MM-DD'},
    opt_outs: {label: 'opt-outs'},
    rate: {unit: 'percentunit', decimals: 2},
    ...Object.fromEntries(LEVELS.map(level => [left(level), {label: `left to ${Math.round(level * 100)} %`, steps: [[0, 'red'], [1, 'green']], mappings: {0: {text: 'reached', color: 'red'}}}])),
    worst: {label: 'worst day', unit: 'percentunit', decimals: 2},
  });

  const cohorts = grid({
    id: 9, title: 'Who stays, by week of joining', unit: 'locale', at: {x: 12, y: 21, w: 12, h: 9}, decimals: 0,
    description: 'People by the week (from Monday, UTC) in which their subscription to the list began, and how many of them are on it now; the newest 26 weeks of each chosen list. As of now; not bound to the range.',
    empty: 'No opt-in yet.',
  }, sql`
    SELECT list_id AS list, cohort AS week, sum(subscription.joined) AS people, sum(subscription.subscribers) AS there_now, there_now / people AS share
    FROM subscription
    WHERE ${LISTS} AND cohort > '1970-01-02'
    GROUP BY list, week
    ORDER BY week DESC, list
    LIMIT 26 BY list`);
  columns(cohorts, {
    week: {unit: 'time:YYYY-MM-DD'},
    people: {label: 'joined'},
    there_now: {label: 'on the list now'},
    share: {label: 'stayed', unit: 'percentunit', decimals: 1},
  });

  const hazard = grid({
    id: 10, title: 'Opt-outs by messages in 7 days and age of subscription', unit: 'percentunit', at: {x: 0, y: 30, w: 24, h: 8}, decimals: 2,
    description: 'Share of messages that made their recipient opt out within 72 hours, by how many messages the person got in the 7 days before (of all lists) and by how long ago the person first opted in to the list. Cells with fewer than 100 messages are left out. Only days whose 72 hours are over.',
    empty: NO_SENDS,
  }, sql`
    SELECT multiIf(part = '5', '5 or more', part = '1', '1 message', concat(toString(part), ' messages')) AS messages_before, sum(sends) AS messages,
        ${[['7', 'up to 7 days'], ['30', 'up to 30 days'], ['90', 'up to 90 days'], ['0', 'over 90 days'], ['', 'no opt-in known']].map(([age, name]) =>
          `if(sumIf(sends, subpart = '${age}') >= 100, sumIf(opt_outs, subpart = '${age}') / sumIf(sends, subpart = '${age}'), NULL) AS "${name}"`).join(',\n')}
    ${profile('fatigue')(SETTLED)}
    GROUP BY part
    ORDER BY part`);
  columns(hazard, {
    messages_before: {label: 'messages in 7 days before'},
    messages: {unit: 'locale', decimals: 0},
  });

  const series = grid({
    id: 11, title: 'Welcome and other series, step by step', unit: 'locale', at: {x: 0, y: 38, w: 24, h: 7}, decimals: 0,
    description: 'People who got the first step of a series in the range, by the tag of the messages (welcome:1, welcome:2, ...): how many of them got each step by now, which share that is, how many fewer than at the step before, and how many opted out of the list within 72 hours after it and before the next step: of those whose message is older than that. Who joined a moment ago still has later steps to come.',
    empty: 'No message of a series in this range. Send its steps with the tags NAME:1, NAME:2 and so on.',
  }, sql`
    WITH begun AS (
        SELECT list_id, series, recipient, min(event_time) AS began
        FROM series_send
        WHERE step = 1 AND ${LISTS}
        GROUP BY list_id, series, recipient
        HAVING ${during('began')}
    ), taken AS (
        SELECT list_id, series, recipient, step, min(event_time) AS at, at <= now() - INTERVAL 72 HOUR AS settled,
            leadInFrame(at, 1, at + INTERVAL 72 HOUR) OVER (
                PARTITION BY list_id, series, recipient ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next
        FROM series_send
        INNER JOIN begun USING (list_id, series, recipient)
        WHERE event_time >= began
        GROUP BY list_id, series, recipient, step
    ), revoked AS (
        SELECT recipient, event_time, scope
        FROM consent_change
        WHERE event_type != 'opt-in' AND recipient IN (SELECT recipient FROM begun)
    )
    SELECT list_id AS list, series, step, uniqExact(taken.recipient) AS people,
        people / first_value(people) OVER (PARTITION BY list, series ORDER BY step) AS share,
        1 - people / nullIf(lagInFrame(people) OVER (PARTITION BY list, series ORDER BY step), 0) AS drop_off,
        uniqExactIf(taken.recipient, settled AND event_time >= at AND event_time < least(next, at + INTERVAL 72 HOUR)
            AND scope IN (list_id, '*', '')) AS left,
        left / nullIf(uniqExactIf(taken.recipient, settled), 0) AS rate
    FROM taken
    LEFT JOIN revoked ON taken.recipient = revoked.recipient
    GROUP BY list_id, series, step
    ORDER BY list, series, step`);
  columns(series, {
    share: {label: 'of the first step', unit: 'percentunit', decimals: 1},
    drop_off: {label: 'drop-off', unit: 'percentunit', decimals: 1},
    left: {label: 'opted out'},
    rate: {label: 'opt-out rate', unit: 'percentunit', decimals: 2},
  });

  const channels = grid({
    id: 15, title: 'Delivered and read, by channel', unit: 'locale', at: {x: 0, y: 54, w: 24, h: 7}, decimals: 0,
    description: 'Messages of the range by how they travelled, and of the delivered ones the share that was read within 72 hours. Only channels such as RCS and WhatsApp report reading; without any report the cell is empty. Only days whose 72 hours are over.',
    empty: NO_SENDS,
  }, sql`
    SELECT part AS channel, sum(sends) AS messages, sum(delivered) / messages AS delivery_rate, nullIf(sum(read), 0) / nullIf(sum(delivered), 0) AS read_rate
    ${profile('channel')(SETTLED)}
    GROUP BY channel
    ORDER BY messages DESC`);
  columns(channels, {
    delivery_rate: {label: 'delivered', unit: 'percentunit', decimals: 2},
    read_rate: {label: 'read', unit: 'percentunit', decimals: 2},
  });

  const responses = (id: number, title: string, description: string, name: string, by: string, x: number) => colored(categories({
    id, title, unit: 'percentunit', at: {x, y: 45, w: 12, h: 9}, decimals: 1,
    description: `${description} Clicks and replies are of delivered messages, opt-outs of all, within 72 hours. Messages without a time zone are left out. Only days whose 72 hours are over.`,
    empty: NO_SENDS,
  }, sql`
    SELECT ${name}, sum(clicked) / nullIf(sum(delivered), 0) AS clicked, sum(replied) / nullIf(sum(delivered), 0) AS replied, sum(opt_outs) / sum(sends) AS "opted out"
    ${profile('local_time')(SETTLED)} AND part != ''
    GROUP BY ${by}
    HAVING sum(sends) >= 20
    ORDER BY ${by}`)
    .orientation(common.VizOrientation.Vertical)
    .showValue(common.VisibilityMode.Never), [['clicked', 'blue'], ['replied', 'orange'], ['opted out', 'red']]);

  return board(DASHBOARDS.subscribers,
      'Who is on the lists, how many come and go, and what makes them leave? On a list is who opted in to it or was texted by it, and is not suppressed there.',
      'now-30d', '1m')
    .withVariable(LIST())
    .withPanel(figure({
      id: 1, title: 'Subscribers now', unit: 'locale', at: {x: 0, y: 0, w: 5, h: 4}, decimals: 0,
      description: 'People on the chosen lists whom nothing suppresses there, as of now; not bound to the range. A person on two lists counts twice.',
      empty: 'Nobody is on a list yet.',
    }, sql`
      ${NOW_THERE.replace('sum(subscribers)', 'sum(subscribers) AS people')}
      HAVING count() > 0`))
    .withPanel(headline({
      id: 2, title: 'Net growth', unit: 'locale', at: {x: 5, y: 0, w: 5, h: 4}, decimals: 0,
      description: 'Opt-ins less opt-outs on the chosen lists in whole days of the range, and of the period before.',
    }, 'sum(opt_ins) - sum(opt_outs)', changes, 'window_start', 'toStartOfDay'))
    .withPanel(figure({
      id: 3, title: 'Churn', unit: 'percentunit', at: {x: 10, y: 0, w: 5, h: 4}, decimals: 2,
      description: 'Of the subscriptions that there were in the range, the share that ended in it by an opt-out; and in the period before. An opt-out from everything counts on the list whose message caused it.',
    }, sql`
      WITH (
          ${NOW_THERE}
      ) AS there
      SELECT ${churn("period = 'range'", "period = 'after'")} AS now, ${churn("period = 'before'", "period != 'before'")} AS before
      FROM (
          SELECT opt_ins, opt_outs, multiIf(window_start < toStartOfDay($__fromTime), 'before', window_start <= $__toTime, 'range', 'after') AS period
          FROM list_health
          WHERE window_start >= ${beginBefore('toStartOfDay')} AND window_seconds = 86400 AND campaign_id = '' AND ${LISTS}
      )
      HAVING now IS NOT NULL`)
      .orientation(common.VizOrientation.Horizontal)
      .overrideByName('before', [{id: 'color', value: fixed('gray').build()}, {id: 'noValue', value: '–'}]))
    .withPanel(headline({
      id: 4, title: 'Opt-outs', unit: 'locale', at: {x: 15, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Opt-outs on the chosen lists in whole days of the range, and of the period before, by when they came.',
    }, 'sum(opt_outs)', changes, 'window_start', 'toStartOfDay'))
    .withPanel(headline({
      id: 5, title: 'Promotional share', unit: 'percentunit', at: {x: 19, y: 0, w: 5, h: 4}, decimals: 1,
      description: 'Share of the messages of the chosen lists in the range, and in the period before, whose category is promotional.',
      empty: 'No message in this range.',
    }, "sumIf(sends, part = 'PROMOTIONAL') / sum(sends)", window => sql`
      ${profile('category')(window)}
      HAVING sum(sends) > 0`, 'day', 'toStartOfDay'))
    .withPanel(distance)
    .withPanel(ranking({
      id: 7, title: 'Promotional share by list', unit: 'percentunit', at: {x: 14, y: 4, w: 10, h: 8}, decimals: 1,
      description: 'Share of each list\'s messages in the range whose category is promotional.',
      empty: 'No message in this range.',
    }, sql`
      SELECT list_id AS list, sumIf(sends, part = 'PROMOTIONAL') / sum(sends) AS share
      ${profile('category')(DAYS)}
      GROUP BY list
      ORDER BY share DESC`)
      .colorScheme(fixed('blue')))
    .withPanel(lines({
      id: 8, named: 'list', title: 'Subscribers by day', unit: 'locale', at: {x: 0, y: 12, w: 24, h: 9}, decimals: 0,
      description: 'Subscribers of each list at the end of each day of the range: those of now, less what opt-ins and opt-outs have changed since.',
      empty: 'No opt-in and no opt-out in this range.',
    }, sql`
      SELECT time, list, people - changed AS subscribers
      FROM (
          SELECT window_start AS time, list_id AS list,
              sum(opt_ins - opt_outs) OVER (PARTITION BY list ORDER BY time DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - (opt_ins - opt_outs) AS changed
          FROM list_health
          WHERE window_start >= toStartOfDay($__fromTime) AND window_seconds = 86400 AND campaign_id = '' AND ${LISTS}
      ) AS days
      INNER JOIN (
          SELECT list_id AS list, sum(subscription.subscribers) AS people
          FROM subscription
          WHERE ${LISTS}
          GROUP BY list
      ) AS there USING (list)
      WHERE time <= $__toTime
      ORDER BY time, list`)
      .interval('1d')
      .showPoints(common.VisibilityMode.Always)
      .pointSize(4))
    .withPanel(AGES.reduce((panel, [, name, color]) => panel.overrideByName(name, [{id: 'color', value: fixed(color).build()}]), categories({
      id: 16, title: 'Subscribers by age of subscription', unit: 'locale', at: {x: 0, y: 21, w: 12, h: 9}, decimals: 0,
      description: 'People on each list by how long ago their subscription began, as of the newest event; not bound to the range. Unknown: texted, but no opt-in was recorded.',
      empty: 'Nobody is on a list yet.',
    }, sql`
      SELECT list_id AS list,
          ${AGES.map(([days, name]) => `sumIf(subscription.subscribers, within_days = ${days}) AS "${name}"`).join(',\n')}
      FROM subscription
      WHERE ${LISTS}
      GROUP BY list
      ORDER BY list`)
      .stacking(common.StackingMode.Normal)
      .showValue(common.VisibilityMode.Never)))
    .withPanel(cohorts)
    .withPanel(hazard)
    .withPanel(series)
    .withPanel(responses(13, 'Response by local hour', 'Messages by the hour of the day in the recipient\'s own time zone.', "concat(subpart, ':00') AS hour", 'hour', 0))
    .withPanel(responses(14, 'Response by weekday', 'Messages by the weekday in the recipient\'s own time zone.', "transform(part, ['1', '2', '3', '4', '5', '6', '7'], ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], '') AS weekday", 'part', 12))
    .withPanel(channels);
}
