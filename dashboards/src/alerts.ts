// Alert rules as Grafana provisions them. Their SQL uses no macro that only a browser expands.
import {stringify} from 'yaml';
import {ALERT_WORDS} from './alert-words.js';
import {DASHBOARDS, DATASOURCE, LIST_HEALTH, inWords, rows, sql, stateOf} from './heed.js';

const {opt_out_rate: OPT_OUTS, delivery_drop: DROP} = LIST_HEALTH;

const near = (threshold: number) => threshold * 4 / 5;

interface Rule {
  uid: string;
  title: string;
  severity: 'critical' | 'warning' | 'info';
  /** How long it must hold. */
  wait: string;
  /** What silence of the query means. */
  noData: 'OK' | 'Alerting';
  summary: string;
  description: string;
  dashboard: {uid: string};
  panel: number;
  /** Rows of texts, which name the alert, and one number. */
  query: string;
  fires: ['gt' | 'lt', number];
}

/** For a day: of what nothing resolves. */
const OF_A_DAY = 'decided_at >= now() - INTERVAL 1 DAY';

/** A version may hold from long ago, or from a day to come. */
const PUBLISHED_WITHIN_A_DAY = 'emitted_at >= now() - INTERVAL 1 DAY';

/** A test that has ended gets nobody any more. */
const WHILE_IT_RUNS = sql`
  JSONExtractString(payload, 'subject') NOT IN (
      SELECT key
      FROM decision_newest
      WHERE topic = 'sms.decision.experiment' AND state != 'RUNNING'
  )`;

/**
 * A rule for what the jobs find by themselves, in the words of the pages; the policies hold the thresholds.
 *
 * @param where what else must be true. The jobs say when a fault begins and when it is over, and nothing between: what
 *     they resolve holds until then, however long ago it began
 */
function found(kind: string, severity: Rule['severity'], panel: number, ...where: string[]): Rule {
  const {title, about, todo, page} = ALERT_WORDS[kind]!;
  return {
    uid: `heed-${kind.replaceAll('_', '-')}`, title, severity, wait: '0s', noData: 'OK',
    summary: `${title}: {{ $labels.about }}`,
    description: `${todo} Growth overview has what happened, among the alerts that hold.`,
    dashboard: page, panel, query: sql`
      SELECT ${about} AS about, count() AS value
      FROM decision_newest
      WHERE ${["topic = 'sms.alert'", `startsWith(key, '${kind}|')`, "state = 'FIRING'", ...where].join(' AND ')}
      GROUP BY about`, fires: ['gt', 0],
  };
}

/** Breaches that were found within the hour, of messages of the last day. */
const breaches = (...kinds: string[]) => sql`
  SELECT JSONExtractString(payload, 'evidence', 'campaign_id') AS campaign, uniqExact(key) AS value
  FROM decision
  WHERE topic = 'sms.alert' AND JSONExtractString(payload, 'kind') IN (${kinds.map(kind => `'${kind}'`).join(', ')})
    AND state = 'FIRING' AND emitted_at >= now() - INTERVAL 1 HOUR AND decided_at >= now() - INTERVAL 1 DAY
  GROUP BY campaign`;

/** Points by which the share delivered has fallen: sends of one to four hours ago against the 7 days before. */
const deliveryDrop = (by: string, minimum: number) => sql`
  SELECT ${by}
      sumIf(delivered, earlier) / sumIf(messages, earlier) - sumIf(delivered, NOT earlier) / sumIf(messages, NOT earlier) AS value
  FROM (
      SELECT if(carrier = '', 'unknown', carrier) AS carrier_name, delivered, messages, cohort_hour < now() - INTERVAL 4 HOUR AS earlier
      FROM delivery_health
      WHERE cohort_hour >= now() - INTERVAL 7 DAY AND cohort_hour < now() - INTERVAL 1 HOUR
  )
  ${by === '' ? '' : 'GROUP BY carrier_name'}
  HAVING sumIf(messages, NOT earlier) >= ${String(minimum)} AND sumIf(messages, earlier) >= ${String(DROP.minimum_baseline_messages)}`;

/** Share of each campaign's messages of the last 24 hours that failed in one way. */
const failures = (errorClass: string, minimum: number) => sql`
  SELECT campaign_id AS campaign, sumIf(messages, error_class = '${errorClass}') / sum(messages) AS value
  FROM delivery_health
  WHERE cohort_hour >= now() - INTERVAL 1 DAY
  GROUP BY campaign
  HAVING sumIf(messages, error_class = '${errorClass}') >= ${String(minimum)}`;

/** Opt-outs over the sends of the last 24 hours of each list; what is still to come raises it. */
const OPT_OUT_RATE = sql`
  SELECT list_id AS list, sum(opt_outs) / sum(sends) AS value
  FROM send_cohort
  WHERE cohort_hour >= now() - INTERVAL 1 DAY
  GROUP BY list
  HAVING sum(sends) >= ${String(OPT_OUTS.minimum_sends)} AND sum(opt_outs) >= ${String(OPT_OUTS.minimum_opt_outs)}`;

/** Events of the last hour as they came. Rows that came twice are few, and these are shares. */
const TAKEN = 'events_versions WHERE appended_at >= now() - INTERVAL 1 HOUR';

const RULES: Rule[] = [
  found('silent_input', 'critical', 7),
  found('invalid_opt_out', 'critical', 13, OF_A_DAY),
  found('bad_config', 'warning', 13, OF_A_DAY),
  found('unknown_scope', 'warning', 7, OF_A_DAY),
  found('experiment_arm_missing', 'critical', 4, WHILE_IT_RUNS),
  found('experiment_contaminated', 'warning', 5, OF_A_DAY),
  found('experiment_delivery_ratio', 'warning', 4, OF_A_DAY),
  found('experiment_config', 'critical', 18, PUBLISHED_WITHIN_A_DAY),
  {
    uid: 'heed-stale-results', title: 'Results are stale', severity: 'critical', wait: '5m', noData: 'Alerting',
    summary: 'Nothing of the job {{ $labels.job }} has reached the tables for {{ printf "%.0f" $values.A.Value }} s',
    description: 'The jobs write figures of their own every 10 seconds by the data flow of all results. None has come: of one job, that job stands still; of all, Kafka or the warehouse. A job that was taken away on purpose is named for a day.',
    dashboard: DASHBOARDS.pipeline, panel: 1, query: sql`
      SELECT job, toFloat64(dateDiff('second', max(pipeline_metric.time), now())) AS value
      FROM pipeline_metric
      WHERE metric = 'checkpoint_age_ms' AND pipeline_metric.time >= now() - INTERVAL 1 DAY
      GROUP BY job`, fires: ['gt', 300],
  },
  {
    uid: 'heed-checkpoints', title: 'A job has no new checkpoint', severity: 'warning', wait: '5m', noData: 'OK',
    summary: '{{ $labels.job }} has had no checkpoint for {{ humanizeDuration $values.A.Value }}',
    description: 'A restart would read everything since then again. Check the job in Flink. One that is down has none either.',
    dashboard: DASHBOARDS.pipeline, panel: 4, query: sql`
      SELECT job, greatest(argMax(pipeline_metric.value, pipeline_metric.time) / 1e3, toFloat64(dateDiff('second', max(pipeline_metric.time), now()))) AS value
      FROM pipeline_metric
      WHERE metric = 'checkpoint_age_ms' AND pipeline_metric.time >= now() - INTERVAL 1 DAY
      GROUP BY job`, fires: ['gt', 600],
  },
  {
    uid: 'heed-gate-silent', title: 'The send gate gives no heartbeat', severity: 'critical', wait: '1m', noData: 'OK',
    summary: 'Partition {{ $labels.part }} has had no heartbeat for {{ printf "%.0f" $values.A.Value }} s',
    description: 'Verdicts may not be relied on: no promotional messages until it is back.',
    dashboard: DASHBOARDS.pipeline, panel: 14, query: sql`
      SELECT toString(partition) AS part, toFloat64(dateDiff('second', emitted_at, now())) AS value
      FROM heartbeat`, fires: ['gt', 60],
  },
  {
    uid: 'heed-delivery-drop', title: 'Delivery has dropped', severity: 'critical', wait: '10m', noData: 'OK',
    summary: 'The share delivered has fallen by {{ humanizePercentage $values.A.Value }} of all messages',
    description: 'Messages of one to four hours ago against the seven days before. Check the error classes and the carriers.',
    dashboard: DASHBOARDS.listHealth, panel: 2, query: deliveryDrop('', DROP.minimum_messages), fires: ['gt', DROP.drop],
  },
  {
    uid: 'heed-delivery-drop-carrier', title: 'Delivery by one carrier has dropped', severity: 'warning', wait: '10m', noData: 'OK',
    summary: '{{ $labels.carrier_name }} delivers {{ humanizePercentage $values.A.Value }} of all messages less than before',
    description: 'Messages of one to four hours ago against the seven days before. Filtering shows as an error class; an outage as missing receipts.',
    dashboard: DASHBOARDS.listHealth, panel: 8, query: deliveryDrop('carrier_name,', DROP.minimum_messages / 2), fires: ['gt', DROP.drop],
  },
  {
    uid: 'heed-filtered', title: 'Carriers filter a campaign', severity: 'warning', wait: '5m', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the messages of {{ $labels.campaign }} were filtered',
    description: 'Never the recipients\' fault: check the campaign\'s words and links before anything else is sent. Messages of the last 24 hours.',
    dashboard: DASHBOARDS.listHealth, panel: 9, query: failures('FILTERED', 10), fires: ['gt', 0.01],
  },
  {
    uid: 'heed-unregistered-sender', title: 'Messages come from an unregistered sender', severity: 'critical', wait: '0s', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the messages of {{ $labels.campaign }} were refused, for the sender is not registered',
    description: 'Carriers refuse a number that belongs to no registered campaign. Register it, or send from another. Messages of the last 24 hours.',
    dashboard: DASHBOARDS.listHealth, panel: 9, query: failures('UNREGISTERED_SENDER', 1), fires: ['gt', 0],
  },
  {
    uid: 'heed-opt-out-rate', title: 'Opt-out rate is high', severity: 'warning', wait: '5m', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the messages of {{ $labels.list }} made someone opt out',
    description: 'Resellers pause a sender at 2 to 3 % a day. Hold the campaign back and check its recipients.',
    dashboard: DASHBOARDS.listHealth, panel: 7, query: OPT_OUT_RATE, fires: ['gt', OPT_OUTS.levels[0].at],
  },
  {
    uid: 'heed-opt-out-rate-carrier', title: 'Opt-out rate is near the carriers\' threshold', severity: 'critical', wait: '0s', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the messages of {{ $labels.list }} made someone opt out',
    description: 'Carriers flag a sender at 5 % a day and may suspend at 10 %. Stop the campaign.',
    dashboard: DASHBOARDS.listHealth, panel: 7, query: OPT_OUT_RATE, fires: ['gt', near(OPT_OUTS.levels[1].at)],
  },
  {
    uid: 'heed-sent-after-opt-out', title: 'A message was sent after an opt-out', severity: 'critical', wait: '0s', noData: 'OK',
    summary: '{{ $values.A.Value }} messages of {{ $labels.campaign }} went to people who had opted out',
    description: 'Stop the campaign and check that the sending system sends requests to the gate or reads sms.decision.suppression. The panel names the messages and the exposure.',
    dashboard: DASHBOARDS.decisions, panel: 14, query: breaches('sent_after_suppression'), fires: ['gt', 0],
  },
  {
    uid: 'heed-sent-in-quiet-hours', title: 'A message was sent in quiet hours', severity: 'critical', wait: '0s', noData: 'OK',
    summary: '{{ $values.A.Value }} messages of {{ $labels.campaign }} went out in quiet hours',
    description: 'Stop the campaign until the recipients\' hours allow it. The panel names the messages and the exposure.',
    dashboard: DASHBOARDS.decisions, panel: 14, query: breaches('sent_in_quiet_hours'), fires: ['gt', 0],
  },
  {
    uid: 'heed-cap-breach', title: 'A message was sent above a cap', severity: 'warning', wait: '0s', noData: 'OK',
    summary: '{{ $values.A.Value }} messages of {{ $labels.campaign }} went out above a frequency cap',
    description: 'A policy\'s cap or a state\'s law. The panel names the messages, the rule and the exposure.',
    dashboard: DASHBOARDS.decisions, panel: 14, query: breaches('sent_above_cap', 'sent_above_state_cap'), fires: ['gt', 0],
  },
  {
    uid: 'heed-sent-to-holdout', title: 'A message was sent to a hold-out', severity: 'warning', wait: '0s', noData: 'OK',
    summary: '{{ $values.A.Value }} messages of {{ $labels.campaign }} went to people who are held out',
    description: 'Take these people out of the campaign: every message to them makes what the programme or the test brings look smaller than it is. Check that the sending system requests a verdict for each message and sends nothing on DENY. They are still analysed as held out. The panel names messages and experiment.',
    dashboard: DASHBOARDS.decisions, panel: 14, query: breaches('sent_to_holdout'), fires: ['gt', 0],
  },
  {
    uid: 'heed-sample-ratio', title: 'An experiment\'s sample ratio is off', severity: 'critical', wait: '0s', noData: 'OK',
    summary: '{{ $labels.experiment }}: the variants do not get the shares that they should',
    description: 'The assignment is broken: do not act on this experiment\'s effect. Below 0.001 it is invalid.',
    dashboard: DASHBOARDS.experiment, panel: 4, query: sql`
      SELECT key AS experiment, JSONExtract(payload, 'sample_ratio_p_value', 'Nullable(Float64)') AS value
      FROM decision_newest
      WHERE topic = 'sms.decision.experiment' AND value IS NOT NULL AND (state = 'RUNNING' OR decided_at >= now() - INTERVAL 1 DAY)`, fires: ['lt', 0.01],
  },
  {
    uid: 'heed-late-share', title: 'Many events are late', severity: 'warning', wait: '15m', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the {{ $labels.event_type }} events are older than the horizon',
    description: 'A producer replays old data, or a clock is wrong: they are in the table of events and in no result. Of the events that came within the last hour.',
    dashboard: DASHBOARDS.pipeline, panel: 6, query: sql`
      SELECT event_type, countIf(late = 1) / count() AS value
      FROM ${TAKEN}
      GROUP BY event_type
      HAVING count() >= 100`, fires: ['gt', 0.01],
  },
  {
    uid: 'heed-dead-letters', title: 'Many records cannot be read', severity: 'warning', wait: '10m', noData: 'OK',
    summary: '{{ humanizePercentage $values.A.Value }} of the records of the last hour are dead letters',
    description: 'A producer writes what the contract does not allow. The panel shows the newest with their reasons.',
    dashboard: DASHBOARDS.pipeline, panel: 13, query: sql`
      SELECT letters / (letters + taken) AS value
      FROM (
          SELECT
              (SELECT count() FROM dead_letter WHERE appended_at >= now() - INTERVAL 1 HOUR) AS letters,
              (SELECT count() FROM ${TAKEN}) AS taken
      )
      WHERE letters >= 10`, fires: ['gt', 0.01],
  },
  {
    uid: 'heed-conversion-collapse', title: 'Conversions have collapsed', severity: 'critical', wait: '15m', noData: 'OK',
    summary: 'Conversions of the last day are at {{ humanizePercentage $values.A.Value }} of the usual',
    description: 'The last 24 hours against the mean day of the week before. Check the shop and what reports its conversions before the campaigns.',
    dashboard: DASHBOARDS.growth, panel: 2, query: sql`
      SELECT sumIf(events, hour >= now() - INTERVAL 1 DAY) / (sumIf(events, hour < now() - INTERVAL 1 DAY) / 7) AS value
      FROM event_hourly
      WHERE event_type = 'conversion' AND hour >= now() - INTERVAL 8 DAY AND hour < toStartOfHour(now())
      HAVING sumIf(events, hour < now() - INTERVAL 1 DAY) >= 140 AND min(hour) < now() - INTERVAL 7 DAY`, fires: ['lt', 0.5],
  },
  {
    uid: 'heed-decision-ready', title: 'An experiment has decided', severity: 'info', wait: '0s', noData: 'OK',
    summary: '{{ $labels.experiment }}: {{ $labels.outcome }}',
    description: 'Read the decision on the page, then act on it. Effects at stopping are optimistic.',
    dashboard: DASHBOARDS.experiment, panel: 1, query: sql`
      SELECT key AS experiment, ${inWords(stateOf('state', 'reasons'))} AS outcome, count() AS value
      FROM decision
      WHERE topic = 'sms.decision.experiment' AND state != 'RUNNING' AND emitted_at >= now() - INTERVAL 1 HOUR
      GROUP BY experiment, outcome`, fires: ['gt', 0],
  },
];

/** The file for provisioning/alerting. */
export function alertRules(): string {
  const rules = RULES.map(rule => ({
    uid: rule.uid,
    title: rule.title,
    condition: 'B',
    for: rule.wait,
    noDataState: rule.noData,
    execErrState: 'Error',
    dashboardUid: rule.dashboard.uid,
    panelId: rule.panel,
    annotations: {
      summary: rule.summary,
      description: rule.description,
      // Beside the link to the panel that Grafana makes of the two below: a path that any message can carry.
      page: `/d/${rule.dashboard.uid}${rule.dashboard === DASHBOARDS.experiment && rule.summary.includes('$labels.experiment') ? '?var-experiment={{ $labels.experiment }}' : ''}`,
      __dashboardUid__: rule.dashboard.uid,
      __panelId__: String(rule.panel),
    },
    labels: {severity: rule.severity, product: 'heed'},
    isPaused: false,
    data: [
      {
        refId: 'A',
        relativeTimeRange: {from: 3600, to: 0},
        datasourceUid: DATASOURCE.uid,
        model: rows(rule.query).build(),
      },
      {
        refId: 'B',
        datasourceUid: '__expr__',
        model: {
          refId: 'B',
          type: 'threshold',
          datasource: {type: '__expr__', uid: '__expr__'},
          expression: 'A',
          conditions: [{evaluator: {type: rule.fires[0], params: [rule.fires[1]]}}],
        },
      },
    ],
  }));
  const file = {apiVersion: 1, groups: [{orgId: 1, name: 'heed', folder: 'Heed', interval: '1m', rules}]};
  return '# Written by dashboards/src/alerts.ts; a deployment with a prefix of topics puts it before sms. here.\n'
    + stringify(file, {lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false});
}
