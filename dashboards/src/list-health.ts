// Is the list healthy?
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  CAMPAIGN, CAMPAIGNS, DASHBOARDS, LIST, LISTS, MEANING, OPT_OUT_STEPS, bars, board, categories, colored, columns, distribution, during, fixed, grid,
  grey, headline, lines, openApart, property, ranking, sql, thresholds, MATURE, OPEN,
} from './heed.js';

const cohorts = (window: string) => sql`
  FROM send_cohort
  WHERE ${window} AND campaign_id != ''
    AND ${LISTS} AND ${CAMPAIGNS}`;

const COHORTS = cohorts(during('cohort_hour'));

/** Those whose 72 hours are over: what headlines are made of. */
const settled = (window: string) => sql`
  ${cohorts(window)} AND ${MATURE}
  HAVING sum(sends) > 0`;

const all = (window: string) => sql`
  ${cohorts(window)}
  HAVING sum(sends) > 0`;

const TOO_YOUNG = 'No message of this range is 72 hours old yet. Widen the range.';

const DELIVERIES = sql`
  FROM delivery_health
  WHERE ${during('cohort_hour')} AND campaign_id != ''
    AND ${LISTS} AND ${CAMPAIGNS}`;

const responses = (response: string) => sql`
  FROM response_time
  WHERE ${during('cohort_hour')} AND response = '${response}' AND campaign_id != ''
    AND ${LISTS} AND ${CAMPAIGNS}`;

/** Upper ends of the buckets of delays in seconds, as the job has them; 0 for beyond. */
const BUCKETS: [number, string][] = [
  [5, '≤ 5 s'], [10, '≤ 10 s'], [30, '≤ 30 s'], [60, '≤ 1 min'], [120, '≤ 2 min'], [300, '≤ 5 min'], [600, '≤ 10 min'], [1_800, '≤ 30 min'],
  [3_600, '≤ 1 h'], [7_200, '≤ 2 h'], [14_400, '≤ 4 h'], [28_800, '≤ 8 h'], [43_200, '≤ 12 h'], [86_400, '≤ 1 d'], [172_800, '≤ 2 d'], [259_200, '≤ 3 d'],
  [0, 'later'],
];

export function listHealth() {
  const campaigns = grid({
    id: 12, title: 'Campaigns', unit: 'locale', at: {x: 0, y: 42, w: 24, h: 9},
    description: 'Every campaign by the cohorts of its sends: what became of them within 72 hours. Rates are of the messages that are older than that; the others are still open. Distinct people are counted once per hour and campaign.',
  }, sql`
    SELECT * EXCEPT (followed, reached)
    FROM (
        SELECT
            list_id, campaign_id,
            sum(sends) AS sent,
            sumIf(sends, ${OPEN}) AS still_open,
            nullIf(sent - still_open, 0) AS followed,
            nullIf(sumIf(delivered, ${MATURE}), 0) AS reached,
            reached / followed AS delivery_rate,
            sumIf(unknown, ${MATURE}) / followed AS unknown_rate,
            sumIf(read, ${MATURE}) / reached AS read_rate,
            sumIf(clickers, ${MATURE}) / reached AS click_rate,
            sumIf(repliers, ${MATURE}) / reached AS reply_rate,
            sumIf(converters, ${MATURE}) / reached AS conversion_rate,
            sumIf(opt_outs, ${MATURE}) / followed AS opt_out_rate,
            sum(complaints) AS complaints,
            sum(cost_micros) / 1e6 AS cost
        ${COHORTS}
        GROUP BY list_id, campaign_id
    )
    ORDER BY sent DESC`);
  columns(campaigns, {
    list_id: {label: 'list'},
    still_open: {label: 'younger than 72 h'},
    campaign_id: {label: 'campaign', link: {title: 'Attribution of this campaign', url: `/d/${DASHBOARDS.attribution.uid}?\${__url_time_range}&var-campaign=\${__value.raw}`}},
    delivery_rate: {label: 'delivered', unit: 'percentunit', decimals: 2},
    unknown_rate: {label: 'no receipt', unit: 'percentunit', decimals: 2},
    read_rate: {label: 'read', unit: 'percentunit', decimals: 2},
    click_rate: {label: 'clicked', unit: 'percentunit', decimals: 2},
    reply_rate: {label: 'replied', unit: 'percentunit', decimals: 2},
    conversion_rate: {label: 'converted', unit: 'percentunit', decimals: 2},
    opt_out_rate: {label: 'opted out', unit: 'percentunit', decimals: 2, steps: OPT_OUT_STEPS},
    cost: {unit: 'currencyUSD', decimals: 2},
  });

  return board(DASHBOARDS.listHealth,
      'Is the list healthy? Rates come from cohorts of sends, followed for 72 hours, so that numerator and denominator are the same people.',
      'now-30d', '1m')
    .withVariable(LIST())
    .withVariable(CAMPAIGN())
    .withPanel(headline({
      id: 1, title: 'Messages sent', unit: 'locale', at: {x: 0, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Messages handed to the carriers in the range, and in the period before.',
    }, 'sum(sends)', all, 'cohort_hour'))
    .withPanel(headline({
      id: 2, title: 'Delivered', unit: 'percentunit', at: {x: 4, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Share of the sends with a receipt of delivery within 72 hours, of those of the range that are older than 72 hours; and in the period before.',
      empty: TOO_YOUNG,
    }, 'sum(delivered) / nullIf(sum(sends), 0)', settled, 'cohort_hour')
      .thresholds(thresholds('red', [0.85, 'orange'], [0.93, 'green'])))
    .withPanel(headline({
      id: 3, title: 'Opt-out rate', unit: 'percentunit', at: {x: 8, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients who revoked consent within 72 hours of a message, per message of the range that is older than 72 hours; and in the period before. Carriers flag at 5 % a day and may suspend at 10 %.',
      empty: TOO_YOUNG,
    }, 'sum(opt_outs) / nullIf(sum(sends), 0)', settled, 'cohort_hour')
      .thresholds(thresholds('green', ...OPT_OUT_STEPS)))
    .withPanel(headline({
      id: 4, title: 'People who clicked', unit: 'percentunit', at: {x: 12, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients with a human click within 72 hours, per delivered message of the range that is older than 72 hours; and in the period before. Clicks of link scanners do not count.',
      empty: TOO_YOUNG,
    }, 'sum(clickers) / nullIf(sum(delivered), 0)', settled, 'cohort_hour'))
    .withPanel(headline({
      id: 5, title: 'People who replied', unit: 'percentunit', at: {x: 16, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients who replied within 72 hours, per delivered message of the range that is older than 72 hours; and in the period before.',
      empty: TOO_YOUNG,
    }, 'sum(repliers) / nullIf(sum(delivered), 0)', settled, 'cohort_hour'))
    .withPanel(headline({
      id: 6, title: 'Complaints', unit: 'locale', at: {x: 20, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Complaints of recipients within 72 hours of a message of the range, and of the period before. They are counted at once: what is still to come is not in it.',
    }, 'sum(complaints)', all, 'cohort_hour')
      .thresholds(thresholds('green', [1, 'orange'])))
    .withPanel(grey(lines({
      id: 7, named: 'list', title: 'Opt-out rate by day of the send', unit: 'percentunit', at: {x: 0, y: 4, w: 12, h: 9}, decimals: 2,
      description: 'Of the messages sent on a day, the share whose recipient revoked within 72 hours, by list. Days whose 72 hours are not over are grey: they can only rise. The lines are the thresholds of carriers and platforms: 2, 5 and 10 %.',
    }, sql`
      SELECT toStartOfDay(cohort_hour) AS time, ${openApart('list_id')} AS list, sum(opt_outs) / sum(sends) AS opt_out_rate
      ${COHORTS}
      GROUP BY time, list
      HAVING sum(sends) >= 100
      ORDER BY time, list`)
      .interval('1d')
      .min(0)
      .axisSoftMax(0.022)
      .showPoints(common.VisibilityMode.Always)
      .pointSize(6)
      .thresholds(thresholds('transparent', ...OPT_OUT_STEPS))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))))
    .withPanel(grey(lines({
      id: 8, named: 'carrier_name', title: 'Delivery rate by carrier', unit: 'percentunit', at: {x: 12, y: 4, w: 12, h: 9}, decimals: 1,
      description: 'Of the messages sent in an interval, the share delivered within 72 hours, by carrier. Only days with at least 20 messages of the carrier. Days whose 72 hours are not over are grey: their newest sends still wait for receipts.',
    }, sql`
      SELECT $__timeInterval_ms(cohort_hour) AS time, ${openApart("if(carrier = '', 'unknown', carrier)")} AS carrier_name, sum(delivered) / sum(messages) AS delivery_rate
      ${DELIVERIES}
      GROUP BY time, carrier_name
      HAVING sum(messages) >= 20
      ORDER BY time, carrier_name`)
      .interval('1d')
      .showPoints(common.VisibilityMode.Always)
      .pointSize(5)
      .max(1)))
    .withPanel(ranking({
      id: 9, title: 'Why messages failed', unit: 'locale', at: {x: 0, y: 13, w: 8, h: 10}, decimals: 0,
      description: 'Messages that were not delivered, by class of the error. Filtering by the carrier is never the recipient\'s fault.',
      empty: 'No failed message in this range.',
    }, sql`
      SELECT if(error_class IN ('', 'NONE'), 'no reason given', lower(replaceAll(error_class, '_', ' '))) AS reason, sum(undelivered) AS messages
      ${DELIVERIES}
      GROUP BY reason
      HAVING messages > 0
      ORDER BY messages DESC`)
      .colorScheme(fixed('orange')))
    .withPanel(distribution({
      id: 10, title: 'Delay of receipts', unit: 'locale', at: {x: 8, y: 13, w: 16, h: 10}, decimals: 0,
      description: 'How long after the send the delivery receipt came: messages per interval of the send and bucket of the delay.',
    }, sql`
      SELECT $__timeInterval_ms(cohort_hour) AS time,
          ${BUCKETS.map(([seconds, name]) => `sumIf(messages, within_seconds = ${seconds}) AS "${name}"`).join(',\n')}
      ${responses('delivery')}
      GROUP BY time
      ORDER BY time`)
      .interval('6h'))
    .withPanel(categories({
      id: 13, title: 'Time to the first reply', unit: 'locale', at: {x: 0, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'Messages by how long after the send their first reply came.',
      empty: 'No reply in this range.',
    }, sql`
      SELECT
          transform(within_seconds, [${BUCKETS.map(([seconds]) => seconds).join(', ')}], [${BUCKETS.map(([, name]) => `'${name}'`).join(', ')}], '') AS delay,
          sum(messages) AS replies
      ${responses('reply')}
      GROUP BY within_seconds
      HAVING replies > 0
      ORDER BY if(within_seconds = 0, 4294967295, within_seconds)`)
      .colorScheme(fixed('blue')))
    .withPanel(categories({
      id: 14, title: 'How recently people engaged', unit: 'locale', at: {x: 8, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'People on each list by their last human click, reply or purchase, as of the newest event; not bound to the range. Dormant: more than 90 days, or never.',
    }, sql`
      SELECT list_id AS list,
          sumIf(recipients, within_days = 7) AS "7 days",
          sumIf(recipients, within_days = 30) AS "30 days",
          sumIf(recipients, within_days = 60) AS "60 days",
          sumIf(recipients, within_days = 90) AS "90 days",
          sumIf(recipients, within_days = 0) AS dormant
      FROM engagement_recency
      WHERE ${LISTS}
      GROUP BY list
      ORDER BY list`)
      .stacking(common.StackingMode.Normal)
      .showValue(common.VisibilityMode.Never)
      .overrideByName('7 days', [property('color', fixed('dark-green').build())])
      .overrideByName('30 days', [property('color', fixed('light-green').build())])
      .overrideByName('60 days', [property('color', fixed('yellow').build())])
      .overrideByName('90 days', [property('color', fixed('orange').build())])
      .overrideByName('dormant', [property('color', fixed('gray').build())]))
    .withPanel(colored(bars({
      id: 15, title: 'List growth', unit: 'locale', at: {x: 16, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'Opt-ins and, below zero, opt-outs per day on the chosen lists, by when they came. The axis is logarithmic, for a list that is imported dwarfs every other day.',
    }, sql`
      SELECT window_start AS time, sum(opt_ins) AS "opt-ins", -sum(opt_outs) AS "opt-outs"
      FROM list_health
      WHERE ${during('window_start', 'toStartOfDay')} AND window_seconds = 86400 AND campaign_id = '' AND ${LISTS}
      GROUP BY time
      ORDER BY time`)
      .interval('1d')
      .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.None).group('A'))
      .scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Symlog).log(10).linearThreshold(1)), MEANING))
    .withPanel(grey(lines({
      id: 16, named: 'list', title: 'No receipt after 72 hours', unit: 'percentunit', at: {x: 0, y: 33, w: 12, h: 9}, decimals: 2,
      description: 'Of the messages sent on a day, the share that had neither been delivered nor failed when 72 hours had passed, by list. They count as unknown, until a receipt that was late says otherwise.',
    }, sql`
      SELECT toStartOfDay(cohort_hour) AS time, ${openApart('list_id')} AS list, sum(unknown) / sum(sends) AS unknown_rate
      ${COHORTS}
      GROUP BY time, list
      HAVING sum(sends) >= 100
      ORDER BY time, list`)
      .interval('1d')
      .min(0)
      .showPoints(common.VisibilityMode.Always)
      .pointSize(6)))
    .withPanel(grey(lines({
      id: 17, named: 'list', title: 'Read rate by day of the send', unit: 'percentunit', at: {x: 12, y: 33, w: 12, h: 9}, decimals: 1,
      description: 'Of the messages delivered, the share that was read within 72 hours, by list. Only channels such as RCS and WhatsApp report it.',
      empty: 'No message was reported as read in this range.',
    }, sql`
      SELECT toStartOfDay(cohort_hour) AS time, ${openApart('list_id')} AS list, sum(read) / sum(delivered) AS read_rate
      ${COHORTS}
      GROUP BY time, list
      HAVING sum(read) > 0
      ORDER BY time, list`)
      .interval('1d')
      .min(0)
      .max(1)
      .showPoints(common.VisibilityMode.Always)
      .pointSize(6)))
    .withPanel(campaigns);
}
