// Whom should sales call now?
import {
  DASHBOARDS, bars, beginBefore, board, columns, figure, grid, headline, sql, topic,
} from './heed.js';

const NOBODY = 'Nobody is HOT: the job optimizer sets the signal once a person has shown enough interest (docs/optimizer.md).';

/**
 * People who became HOT in a window. A signal that holds is set again whenever new interest moves its end, which
 * counts only if it did not hold before; no signal holds for 90 days without being set again.
 */
const became = (window: string) => sql`
  FROM (
      SELECT key, decided_at, state, lagInFrame(toString(state)) OVER (PARTITION BY key ORDER BY seq) AS state_before
      FROM decision
      WHERE topic = ${topic('sms.decision.recipient-signal')} AND endsWith(key, '|HOT')
        AND decided_at >= ${beginBefore('toStartOfHour')} - INTERVAL 90 DAY AND decided_at <= $__toTime
  )
  WHERE state = 'SET' AND state_before != 'SET' AND ${window}`;

export function sales() {
  const people = grid({
    id: 4, title: 'People to call, the hottest first', unit: 'locale', at: {x: 0, y: 4, w: 24, h: 16}, decimals: 1,
    description: 'Everybody whose signal HOT holds, by the score as it is by now (it halves every 14 days), the first 500; not bound to the range. Renewed: when interest last changed it. Texting says whether the person has stopped messages from all lists: then call only with a consent of its own. A topic consumer gets the same at once: docs/integration.md.',
    empty: NOBODY,
  }, sql`
    SELECT recipient_id AS recipient, score_now, evidence, renewed, valid_until,
        if(recipient_id IN (
            SELECT substring(key, 1, length(key) - 2)
            FROM decision_newest
            WHERE topic = ${topic('sms.decision.suppression')} AND state = 'SUPPRESSED' AND key IN (SELECT concat(recipient_id, '|*') FROM hot_recipient)
        ), 'STOPPED', 'OPEN') AS texting
    FROM (
        SELECT *, score * exp2(-greatest(0, dateDiff('second', renewed, now())) / (14 * 86400)) AS score_now
        FROM hot_recipient
    )
    ORDER BY score_now DESC, recipient
    LIMIT 500`);
  columns(people, {
    score_now: {label: 'score now'},
    renewed: {unit: 'dateTimeAsIso'},
    valid_until: {label: 'holds until', unit: 'dateTimeAsIso'},
    texting: {mappings: {STOPPED: {text: 'stopped', color: 'red'}, OPEN: {text: 'not stopped', color: 'green'}}},
  });

  return board(DASHBOARDS.sales,
      'Whom should sales call now? People whose clicks, replies and purchases add up to interest that holds now.',
      'now-7d', '1m')
    .withPanel(figure({
      id: 1, title: 'HOT now', unit: 'locale', at: {x: 0, y: 0, w: 8, h: 4}, decimals: 0,
      description: 'People whose signal HOT holds, as of now; not bound to the range.',
      empty: NOBODY,
    }, sql`
      SELECT count() AS people
      FROM hot_recipient
      HAVING people > 0`))
    .withPanel(headline({
      id: 2, title: 'Became HOT', unit: 'locale', at: {x: 8, y: 0, w: 8, h: 4}, decimals: 0,
      description: 'People whose signal began to hold in the range, and in the period before; who became HOT twice counts once.',
      empty: 'Nobody became HOT in this range.',
    }, 'uniqExact(key)', window => sql`
      ${became(window)}
      HAVING count() > 0`, 'decided_at'))
    .withPanel(figure({
      id: 3, title: 'HOT ends within a day', unit: 'locale', at: {x: 16, y: 0, w: 8, h: 4}, decimals: 0,
      description: 'People whose signal HOT ends within the next 24 hours unless they show interest again.',
      empty: NOBODY,
    }, sql`
      SELECT countIf(valid_until < now64(3) + INTERVAL 1 DAY) AS people
      FROM hot_recipient
      HAVING count() > 0`))
    .withPanel(people)
    .withPanel(bars({
      id: 5, title: 'People who became HOT', unit: 'locale', at: {x: 0, y: 20, w: 24, h: 8}, decimals: 0,
      description: 'People whose signal began to hold, by interval.',
      empty: 'Nobody became HOT in this range.',
    }, sql`
      SELECT $__timeInterval_ms(decided_at) AS time, uniqExact(key) AS people
      ${became('$__timeFilter_ms(decided_at)')}
      GROUP BY time
      ORDER BY time`)
      .interval('1h')
      .maxDataPoints(31));
}
