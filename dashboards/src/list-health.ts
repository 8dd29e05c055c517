// Is the list healthy?
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  CAMPAIGN, DASHBOARDS, LIST, bars, board, categories, distribution, figure, fixed, grid, lines, property, ranking, thresholds,
} from './heed.js';

const COHORTS = `
  FROM send_cohort
  WHERE $__timeFilter_ms(cohort_hour) AND campaign_id != ''
    AND list_id IN (\${list:singlequote}) AND campaign_id IN (\${campaign:singlequote})`;

/** Carriers flag a sender at 5 % opt-outs a day and may suspend at 10 %; platforms call 2 % critical. */
const OPT_OUT_STEPS: [number, string][] = [[0.02, 'yellow'], [0.05, 'orange'], [0.1, 'red']];

const percent = (column: string, label: string) => ({
  column,
  properties: [property('unit', 'percentunit'), property('decimals', 2), property('displayName', label)],
});

export function listHealth() {
  const campaigns = grid({
    id: 12, title: 'Campaigns', unit: 'short', at: {x: 0, y: 33, w: 24, h: 9},
    description: 'Every campaign by the cohorts of its sends: what became of them within 72 hours. Distinct people are counted once per hour and campaign.',
  }, `
    SELECT
        list_id, campaign_id,
        sum(sends) AS sent,
        sum(delivered) / sum(sends) AS delivery_rate,
        sum(clickers) / sum(delivered) AS click_rate,
        sum(repliers) / sum(delivered) AS reply_rate,
        sum(converters) / sum(delivered) AS conversion_rate,
        sum(opt_outs) / sum(sends) AS opt_out_rate,
        sum(complaints) AS complaints,
        sum(cost_micros) / 1e6 AS cost
    ${COHORTS}
    GROUP BY list_id, campaign_id
    ORDER BY sent DESC`);
  for (const {column, properties} of [
    percent('delivery_rate', 'delivered'), percent('click_rate', 'clicked'), percent('reply_rate', 'replied'),
    percent('conversion_rate', 'converted'),
  ]) {
    campaigns.overrideByName(column, properties);
  }
  campaigns
    .overrideByName('opt_out_rate', [
      ...percent('opt_out_rate', 'opted out').properties,
      property('thresholds', thresholds('green', ...OPT_OUT_STEPS).build()),
      property('custom.cellOptions', {type: 'color-text'}),
    ])
    .overrideByName('cost', [property('unit', 'currencyUSD')])
    .overrideByName('list_id', [property('displayName', 'list')])
    .overrideByName('campaign_id', [property('displayName', 'campaign'), property('links', [{
      title: 'Attribution of this campaign', url: `/d/${DASHBOARDS.attribution.uid}?\${__url_time_range}&var-campaign=\${__value.raw}`,
    }])]);

  return board(DASHBOARDS.listHealth,
      'Is the list healthy? Rates come from cohorts of sends, followed for 72 hours, so that numerator and denominator are the same people.',
      'now-30d', '1m')
    .withVariable(LIST())
    .withVariable(CAMPAIGN())
    .withPanel(figure({
      id: 1, title: 'Messages sent', unit: 'short', at: {x: 0, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Messages handed to the carriers in the range.',
    }, `SELECT sum(sends) AS sent ${COHORTS}`))
    .withPanel(figure({
      id: 2, title: 'Delivered', unit: 'percentunit', at: {x: 4, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Share of the sends whose receipt says delivered within 72 hours. The newest sends are still waiting for receipts.',
    }, `SELECT sum(delivered) / nullIf(sum(sends), 0) AS delivered ${COHORTS}`)
      .thresholds(thresholds('red', [0.85, 'orange'], [0.93, 'green'])))
    .withPanel(figure({
      id: 3, title: 'Opt-out rate', unit: 'percentunit', at: {x: 8, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients who revoked consent within 72 hours of a message, per message sent. Carriers flag at 5 % a day and may suspend at 10 %.',
    }, `SELECT sum(opt_outs) / nullIf(sum(sends), 0) AS opt_out_rate ${COHORTS}`)
      .thresholds(thresholds('green', ...OPT_OUT_STEPS)))
    .withPanel(figure({
      id: 4, title: 'People who clicked', unit: 'percentunit', at: {x: 12, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients with a human click within 72 hours, per delivered message. Clicks of link scanners do not count.',
    }, `SELECT sum(clickers) / nullIf(sum(delivered), 0) AS click_rate ${COHORTS}`))
    .withPanel(figure({
      id: 5, title: 'People who replied', unit: 'percentunit', at: {x: 16, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients who replied within 72 hours, per delivered message.',
    }, `SELECT sum(repliers) / nullIf(sum(delivered), 0) AS reply_rate ${COHORTS}`))
    .withPanel(figure({
      id: 6, title: 'Complaints', unit: 'short', at: {x: 20, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Complaints of recipients within 72 hours of a message.',
    }, `SELECT sum(complaints) AS complaints ${COHORTS}`)
      .thresholds(thresholds('green', [1, 'orange'])))
    .withPanel(lines({
      id: 7, title: 'Opt-out rate by day of the send', unit: 'percentunit', at: {x: 0, y: 4, w: 12, h: 9}, decimals: 2,
      description: 'Of the messages sent on a day, the share whose recipient revoked within 72 hours, by list. The lines are the thresholds of carriers and platforms: 2, 5 and 10 %.',
    }, `
      SELECT toStartOfDay(cohort_hour) AS time, list_id AS list, sum(opt_outs) / sum(sends) AS opt_out_rate
      ${COHORTS}
      GROUP BY time, list
      HAVING sum(sends) >= 100
      ORDER BY time, list`)
      .interval('1d')
      .min(0)
      .showPoints(common.VisibilityMode.Always)
      .pointSize(6)
      .thresholds(thresholds('transparent', ...OPT_OUT_STEPS))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed)))
    .withPanel(lines({
      id: 8, title: 'Delivery rate by carrier', unit: 'percentunit', at: {x: 12, y: 4, w: 12, h: 9}, decimals: 1,
      description: 'Of the messages sent in an interval, the share delivered within 72 hours, by carrier. Only intervals with at least 20 messages of the carrier.',
    }, `
      SELECT $__timeInterval_ms(cohort_hour) AS time, if(carrier = '', 'unknown', carrier) AS carrier_name, sum(delivered) / sum(messages) AS delivery_rate
      FROM delivery_health
      WHERE $__timeFilter_ms(cohort_hour) AND list_id IN (\${list:singlequote}) AND campaign_id IN (\${campaign:singlequote})
      GROUP BY time, carrier_name
      HAVING sum(messages) >= 20
      ORDER BY time, carrier_name`)
      .interval('1h')
      .max(1))
    .withPanel(ranking({
      id: 9, title: 'Why messages failed', unit: 'short', at: {x: 0, y: 13, w: 8, h: 10}, decimals: 0,
      description: 'Messages that were not delivered, by class of the error. Filtering by the carrier is never the recipient\'s fault.',
      empty: 'No failed message in this range.',
    }, `
      SELECT if(error_class IN ('', 'NONE'), 'no reason given', lower(replaceAll(error_class, '_', ' '))) AS reason, sum(undelivered) AS messages
      FROM delivery_health
      WHERE $__timeFilter_ms(cohort_hour) AND list_id IN (\${list:singlequote}) AND campaign_id IN (\${campaign:singlequote})
      GROUP BY reason
      HAVING messages > 0
      ORDER BY messages DESC`)
      .colorScheme(fixed('orange')))
    .withPanel(distribution({
      id: 10, title: 'Delay of receipts', unit: 'short', at: {x: 8, y: 13, w: 16, h: 10}, decimals: 0,
      description: 'How long after the send the delivery receipt came: messages per interval of the send and bucket of the delay.',
    }, `
      SELECT $__timeInterval_ms(cohort_hour) AS time,
          multiIf(within_seconds = 0, 'later', within_seconds < 60, concat('≤ ', toString(within_seconds), ' s'),
              within_seconds < 3600, concat('≤ ', toString(intDiv(within_seconds, 60)), ' min'),
              within_seconds < 86400, concat('≤ ', toString(intDiv(within_seconds, 3600)), ' h'),
              concat('≤ ', toString(intDiv(within_seconds, 86400)), ' d')) AS delay,
          sum(messages) AS messages
      FROM response_time
      WHERE $__timeFilter_ms(cohort_hour) AND response = 'delivery' AND campaign_id != ''
          AND list_id IN (\${list:singlequote}) AND campaign_id IN (\${campaign:singlequote})
      GROUP BY time, within_seconds
      ORDER BY if(within_seconds = 0, 4294967295, within_seconds), time`)
      .interval('6h'))
    .withPanel(categories({
      id: 13, title: 'Time to the first reply', unit: 'short', at: {x: 0, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'Messages by how long after the send their first reply came.',
      empty: 'No reply in this range.',
    }, `
      SELECT
          multiIf(within_seconds = 0, 'later', within_seconds < 60, concat('≤ ', toString(within_seconds), ' s'),
              within_seconds < 3600, concat('≤ ', toString(intDiv(within_seconds, 60)), ' min'),
              within_seconds < 86400, concat('≤ ', toString(intDiv(within_seconds, 3600)), ' h'),
              concat('≤ ', toString(intDiv(within_seconds, 86400)), ' d')) AS delay,
          sum(messages) AS replies
      FROM response_time
      WHERE $__timeFilter_ms(cohort_hour) AND response = 'reply' AND campaign_id != ''
          AND list_id IN (\${list:singlequote}) AND campaign_id IN (\${campaign:singlequote})
      GROUP BY within_seconds
      HAVING replies > 0
      ORDER BY if(within_seconds = 0, 4294967295, within_seconds)`)
      .colorScheme(fixed('blue')))
    .withPanel(categories({
      id: 14, title: 'How recently people engaged', unit: 'short', at: {x: 8, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'People on each list by their last human click, reply or purchase, as of the newest event; not bound to the range. Dormant: more than 90 days, or never.',
    }, `
      SELECT list_id AS list,
          sumIf(recipients, within_days = 7) AS \`7 days\`,
          sumIf(recipients, within_days = 30) AS \`30 days\`,
          sumIf(recipients, within_days = 60) AS \`60 days\`,
          sumIf(recipients, within_days = 90) AS \`90 days\`,
          sumIf(recipients, within_days = 0) AS dormant
      FROM engagement_recency
      WHERE list_id IN (\${list:singlequote})
      GROUP BY list
      ORDER BY list`)
      .stacking(common.StackingMode.Normal)
      .showValue(common.VisibilityMode.Never)
      .overrideByName('7 days', [property('color', fixed('dark-green').build())])
      .overrideByName('30 days', [property('color', fixed('light-green').build())])
      .overrideByName('60 days', [property('color', fixed('yellow').build())])
      .overrideByName('90 days', [property('color', fixed('orange').build())])
      .overrideByName('dormant', [property('color', fixed('gray').build())]))
    .withPanel(bars({
      id: 15, title: 'List growth', unit: 'short', at: {x: 16, y: 23, w: 8, h: 10}, decimals: 0,
      description: 'Opt-ins and, below zero, opt-outs per day on the chosen lists.',
    }, `
      SELECT window_start AS time, sum(opt_ins) AS \`opt-ins\`, -sum(opt_outs) AS \`opt-outs\`
      FROM list_health
      WHERE $__timeFilter_ms(window_start) AND window_seconds = 86400 AND campaign_id = '' AND list_id IN (\${list:singlequote})
      GROUP BY time
      ORDER BY time`)
      .interval('1d')
      .overrideByName('opt-ins', [property('color', fixed('green').build())])
      .overrideByName('opt-outs', [property('color', fixed('red').build())]))
    .withPanel(campaigns);
}
