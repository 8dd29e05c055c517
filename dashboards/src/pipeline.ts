// Does the data flow?
import {
  DASHBOARDS, EVENT_COLORS, EVENT_TYPE, JOB_COLORS, bars, board, colored, columns, during, figure, grid, headline, lines, sql, thresholds,
} from './heed.js';

/** Every job's figure: the sum over what it is measured at, or the largest of it. */
const byJob = (metric: string, over: 'sum' | 'max') => sql`
  SELECT time, job, ${over}(value) AS value
  FROM (
      SELECT $__timeInterval_ms(pipeline_metric.time) AS time, job, subject, avg(pipeline_metric.value) AS value
      FROM pipeline_metric
      WHERE metric = '${metric}' AND $__timeFilter_ms(pipeline_metric.time)
      GROUP BY time, job, subject
  )
  GROUP BY time, job
  ORDER BY time, job`;

/** The newest figure of each subject within the last minutes, over all of them. */
const newest = (metric: string, over: 'sum' | 'max') => sql`
  SELECT ${over}(value) AS value
  FROM (
      SELECT job, subject, argMax(pipeline_metric.value, pipeline_metric.time) AS value
      FROM pipeline_metric
      WHERE metric = '${metric}' AND pipeline_metric.time > now() - INTERVAL 5 MINUTE
      GROUP BY job, subject
  )
  HAVING count() > 0`;

const NO_FIGURES = 'No figures of Flink in this range: the jobs do not run, or their reporter is off (docs/dashboards.md).';
const NOW = 'No figure within the last 5 minutes.';

export function pipeline() {
  const letters = grid({
    id: 13, title: 'Newest dead letters', unit: 'locale', at: {x: 0, y: 31, w: 16, h: 9}, decimals: 0,
    description: 'The newest records in the range that could not be read, with the reason. The raw bytes are in the table dead_letter.',
    empty: 'Every record of this range could be read.',
  }, sql`
    SELECT appended_at AS time, topic, reason, partition, offset
    FROM dead_letter
    WHERE $__timeFilter_ms(appended_at)
    ORDER BY appended_at DESC
    LIMIT 100`);

  const gate = grid({
    id: 14, title: 'Send gate', unit: 'locale', at: {x: 16, y: 31, w: 8, h: 9}, decimals: 0,
    description: 'Whether the send gate\'s verdicts may be relied on, per partition, by its newest heartbeat; not bound to the range. Without a heartbeat for 60 s do not send promotional messages.',
    empty: 'The send gate has given no heartbeat.',
  }, sql`
    SELECT partition, if(emitted_at < now() - INTERVAL 60 SECOND, 'SILENT', if(ready, 'READY', 'CATCHING_UP')) AS gate,
        greatest(0, dateDiff('millisecond', emitted_at, now64(3))) AS age,
        state_time
    FROM heartbeat
    ORDER BY partition`);
  columns(gate, {
    gate: {label: 'state', mappings: {READY: {text: 'ready', color: 'green'}, CATCHING_UP: {text: 'catching up', color: 'orange'}, SILENT: {text: 'silent', color: 'red'}}},
    age: {label: 'heartbeat', unit: 'ms'},
    state_time: {label: 'complete up to'},
  });

  return board(DASHBOARDS.pipeline,
      'Does the data flow? Figures of Flink and Kafka, written every 10 seconds by the jobs\' own reporter.',
      'now-6h', '10s')
    .withPanel(figure({
      id: 1, title: 'Age of the newest row', unit: 'ms', at: {x: 0, y: 0, w: 4, h: 4},
      description: 'How long ago Kafka took the newest record that is in the tables. Grows while nothing is sent, and while the database cannot be reached.',
      empty: NOW,
    }, newest('newest_row_age_ms', 'max'))
      .thresholds(thresholds('green', [60_000, 'yellow'], [600_000, 'red'])))
    .withPanel(figure({
      id: 2, title: 'Input rate', unit: 'cps', at: {x: 4, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Records that all jobs together read each second. Each job reads on its own, so a record counts once per job.',
      empty: NOW,
    }, newest('records_in_per_second', 'sum')))
    .withPanel(figure({
      id: 3, title: 'Lag', unit: 'locale', at: {x: 8, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Records in Kafka that are still to be read, the sum over the jobs.',
      empty: NOW,
    }, newest('lag_records', 'sum'))
      .thresholds(thresholds('green', [10_000, 'yellow'], [1_000_000, 'red'])))
    .withPanel(figure({
      id: 4, title: 'Oldest checkpoint', unit: 'ms', at: {x: 12, y: 0, w: 4, h: 4},
      description: 'The age of the newest complete checkpoint of the job where it is oldest: what a restart would read again.',
      empty: NOW,
    }, newest('checkpoint_age_ms', 'max'))
      .thresholds(thresholds('green', [60_000, 'yellow'], [600_000, 'red'])))
    .withPanel(headline({
      id: 5, title: 'Dead letters', unit: 'locale', at: {x: 16, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Records in the range, and in the period before, that could not be read.',
    }, 'count()', window => sql`
      FROM dead_letter
      WHERE ${window}`, 'appended_at')
      .thresholds(thresholds('green', [1, 'orange'])))
    .withPanel(headline({
      id: 6, title: 'Late events', unit: 'percentunit', at: {x: 20, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Share of the events of the range, and of the period before, that were older than the horizon when they came. They are in the table of events, and in no result.',
      empty: 'No event in this range.',
    }, 'sum(late_events) / nullIf(sum(events), 0)', window => sql`
      FROM event_hourly
      WHERE ${window}
      HAVING sum(events) > 0`, 'hour')
      .thresholds(thresholds('green', [0.01, 'orange'], [0.05, 'red'])))
    .withPanel(colored(lines({
      id: 7, named: 'job', title: 'Input rate by job', unit: 'cps', at: {x: 0, y: 4, w: 12, h: 9},
      description: 'Records that each job reads each second, over all its topics.',
      empty: NO_FIGURES,
    }, byJob('records_in_per_second', 'sum'))
      .interval('10s')
      .min(0), JOB_COLORS))
    .withPanel(colored(lines({
      id: 8, named: 'job', title: 'Lag by job', unit: 'locale', at: {x: 12, y: 4, w: 12, h: 9}, decimals: 0,
      description: 'Records in Kafka that each job has still to read, over all its topics.',
      empty: NO_FIGURES,
    }, byJob('lag_records', 'sum'))
      .interval('10s')
      .min(0), JOB_COLORS))
    .withPanel(colored(lines({
      id: 9, named: 'job', title: 'Watermark delay by job', unit: 'ms', at: {x: 0, y: 13, w: 12, h: 9},
      description: 'How far event time is behind the wall clock, at the task where it is furthest. Allowed lateness (1 hour by default) is part of it.',
      empty: NO_FIGURES,
    }, byJob('watermark_delay_ms', 'max'))
      .interval('10s')
      .min(0), JOB_COLORS))
    .withPanel(colored(lines({
      id: 10, named: 'job', title: 'Duration of checkpoints by job', unit: 'ms', at: {x: 12, y: 13, w: 6, h: 9},
      description: 'How long the newest complete checkpoint of each job took.',
      empty: NO_FIGURES,
    }, byJob('checkpoint_duration_ms', 'max'))
      .interval('10s')
      .min(0), JOB_COLORS))
    .withPanel(colored(lines({
      id: 11, named: 'job', title: 'Size of checkpoints by job', unit: 'decbytes', at: {x: 18, y: 13, w: 6, h: 9},
      description: 'Bytes of the newest complete checkpoint of each job.',
      empty: NO_FIGURES,
    }, byJob('checkpoint_size_bytes', 'max'))
      .interval('10s')
      .min(0), JOB_COLORS))
    .withPanel(colored(bars({
      id: 12, named: 'event_type', title: 'Events by type', unit: 'locale', at: {x: 0, y: 22, w: 12, h: 9}, decimals: 0,
      description: 'Accepted events by their own time, in whole hours.',
      empty: 'No event in this range.',
    }, sql`
      SELECT $__timeInterval(hour) AS time, event_type, sum(events) AS events
      FROM event_hourly
      WHERE ${during('hour')}
      GROUP BY time, event_type
      ORDER BY time, event_type`)
      .interval('1h')
      .maxDataPoints(31), EVENT_COLORS))
    .withPanel(colored(bars({
      id: 15, named: 'event_type', title: 'Dead letters by topic', unit: 'locale', at: {x: 12, y: 22, w: 12, h: 9}, decimals: 0,
      description: 'Records that could not be read, by when they were set aside.',
      empty: 'Every record of this range could be read.',
    }, sql`
      SELECT $__timeInterval_ms(appended_at) AS time, ${EVENT_TYPE} AS event_type, count() AS letters
      FROM dead_letter
      WHERE $__timeFilter_ms(appended_at)
      GROUP BY time, event_type
      ORDER BY time, event_type`)
      .interval('10s')
      .maxDataPoints(60), EVENT_COLORS))
    .withPanel(letters)
    .withPanel(gate);
}
