// What does SMS earn, which tests run, did we message anyone we should not have?
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  CAMPAIGN, CAMPAIGNS, DASHBOARDS, EXPERIMENT_STATES, LIST, LISTS, MODEL, OPT_OUT_STEPS, bars, board, columns, during,
  finding, grid, headline, ranking, sql, thresholds, MATURE,
} from './heed.js';
import {alertsIn} from './alert-words.js';
import {breaches} from './sending-decisions.js';

const cohorts = (window: string) => sql`
  FROM send_cohort
  WHERE ${window} AND campaign_id != ''
    AND ${LISTS} AND ${CAMPAIGNS}`;

const COHORTS = cohorts(during('cohort_hour'));

const sent = (window: string) => sql`
  ${cohorts(window)}
  HAVING sum(sends) > 0`;

/** Credit that the chosen model gives to the chosen campaigns' messages. */
const credited = (window: string) => sql`
  FROM attribution_hourly
  WHERE ${window} AND model = \${model:singlequote} AND channel = 'sms'
    AND ${CAMPAIGNS}`;

const CREDITED = credited(during('hour'));

const earned = (window: string) => sql`
  ${credited(window)}
  HAVING count() > 0`;

/** A bound of the best variant's effect, whatever its scale. */
const bound = (which: 'lower' | 'upper') => `JSONExtract(best, 'effect_${which}', 'Nullable(Float64)')`;

export function growth() {
  const campaigns = grid({
    id: 11, title: 'Campaigns', unit: 'locale', at: {x: 0, y: 19, w: 24, h: 9}, decimals: 0,
    description: 'What each campaign cost and brought in the range. Revenue and conversions are credited by the chosen model at the instant of the conversion; the rate of opt-outs is of the messages of the range that are older than the 72 hours for which they are followed.',
  }, sql`
    SELECT
        sent.campaign_id AS campaign,
        sent.list AS list,
        sent.messages AS messages,
        sent.cost AS cost,
        credited.conversions AS conversions,
        credited.revenue AS revenue,
        revenue / messages AS revenue_per_message,
        cost / nullIf(conversions, 0) AS cost_per_conversion,
        sent.opt_out_rate AS opt_out_rate
    FROM (
        SELECT campaign_id, any(list_id) AS list, sum(sends) AS messages, sum(cost_micros) / 1e6 AS cost,
            sumIf(opt_outs, ${MATURE}) / nullIf(sumIf(sends, ${MATURE}), 0) AS opt_out_rate
        ${COHORTS}
        GROUP BY campaign_id
        HAVING messages > 0
    ) AS sent
    LEFT JOIN (
        SELECT campaign_id, toFloat64(sumIf(credit, kind != 'REFUND')) AS conversions, sum(revenue_micros) / 1e6 AS revenue
        ${CREDITED}
        GROUP BY campaign_id
    ) AS credited ON sent.campaign_id = credited.campaign_id
    ORDER BY revenue DESC`);
  columns(campaigns, {
    campaign: {link: {title: 'Attribution of this campaign', url: `/d/${DASHBOARDS.attribution.uid}?\${__url_time_range}&\${model:queryparam}&var-campaign=\${__value.raw}`}},
    cost: {unit: 'currencyUSD', decimals: 2},
    conversions: {label: 'credited conversions', decimals: 1},
    revenue: {label: 'credited revenue', unit: 'currencyUSD', decimals: 2},
    revenue_per_message: {label: 'revenue per message', unit: 'currencyUSD', decimals: 4},
    cost_per_conversion: {label: 'cost per conversion', unit: 'currencyUSD', decimals: 2},
    opt_out_rate: {label: 'opted out within 72 h', unit: 'percentunit', decimals: 2, steps: OPT_OUT_STEPS},
  });

  const experiments = grid({
    id: 9, title: 'Experiments', unit: 'locale', at: {x: 0, y: 13, w: 24, h: 6}, decimals: 0,
    description: 'Every experiment as of its newest evaluation, by its primary metric; not bound to the range. The effect is that of the best variant that can win (for opt-outs and complaints the one with the fewest) against control with its 95 % confidence sequence; once a test has stopped, it is optimistic, since tests tend to stop on a lucky stretch.',
    empty: 'No experiment has been evaluated yet. Write one into experiment-config/experiments and apply it.',
  }, sql`
    SELECT
        experiment_id AS experiment,
        state,
        arraySum(v -> JSONExtractUInt(v, 'recipients'), JSONExtractArrayRaw(record, 'variants')) AS recipients,
        JSONExtractString(best, 'variant_id') AS best_variant,
        if(JSONExtractString(best, 'effect_scale') = 'RELATIVE', JSONExtract(best, 'effect', 'Nullable(Float64)'), NULL) AS effect,
        if(JSONExtractString(best, 'effect_scale') = 'RELATIVE', ${bound('lower')}, NULL) AS effect_lower,
        if(JSONExtractString(best, 'effect_scale') = 'RELATIVE', ${bound('upper')}, NULL) AS effect_upper,
        multiIf(state = 'INVALID', 'without meaning', ${finding(bound('lower'), bound('upper'), 'more than control', 'less than control')}) AS finding,
        multiIf(state = 'INVALID', 'without meaning', JSONExtractBool(record, 'final'), 'optimistic, at stopping', 'still running') AS note,
        evaluated_at AS evaluated
    FROM experiment_list
    WHERE record != ''
    ORDER BY state != 'RUNNING', evaluated DESC`);
  columns(experiments, {
    experiment: {link: {title: 'This experiment', url: `/d/${DASHBOARDS.experiment.uid}?\${__url_time_range}&var-experiment=\${__value.raw}`}},
    state: {mappings: EXPERIMENT_STATES},
    best_variant: {label: 'best variant'},
    effect: {unit: 'percentunit', decimals: 1},
    effect_lower: {label: 'at least', unit: 'percentunit', decimals: 1},
    effect_upper: {label: 'at most', unit: 'percentunit', decimals: 1},
    note: {label: 'effect is'},
    evaluated: {unit: 'dateTimeAsIso'},
  });

  const alerts = grid({
    id: 10, title: 'Alerts that hold', unit: 'short', at: {x: 0, y: 28, w: 24, h: 9}, decimals: 4,
    description: 'What the jobs found in the range and has not been resolved, newest first: what it is about, what happened, and what to do. A line leads to the page where to look.',
    empty: 'No alert holds.',
  }, sql`
    ${alertsIn('$__timeFilter_ms(decided_at)')}
    ORDER BY time DESC
    LIMIT 100`);
  columns(alerts, {
    severity: {mappings: {CRITICAL: {text: 'critical', color: 'red'}, WARNING: {text: 'warning', color: 'orange'}, INFO: {text: 'info', color: 'blue'}}},
    alert: {link: {title: 'Where to look', url: '/d/${__data.fields.page}?${__url_time_range}&var-experiment=${__data.fields.experiment}'}},
    happened: {label: 'what happened'},
    todo: {label: 'what to do'},
    page: {hidden: true},
    experiment: {hidden: true},
  });

  return board(DASHBOARDS.growth,
      'What does SMS earn, which tests run and what are their results, did we message anyone we should not have?',
      'now-30d', '1m')
    .withVariable(LIST())
    .withVariable(CAMPAIGN())
    .withVariable(MODEL())
    .withPanel(headline({
      id: 1, title: 'SMS revenue, credited', unit: 'currencyUSD', at: {x: 0, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Revenue of conversions in the range and in the period before, net of refunds, as far as the chosen model credits it to messages of the chosen campaigns. What people would have bought anyway is in it: the Attribution dashboard shows the incremental part.',
    }, 'sum(revenue_micros) / 1e6', earned, 'hour'))
    .withPanel(headline({
      id: 2, title: 'Credited conversions', unit: 'locale', at: {x: 4, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Conversions in the range and in the period before (leads, qualified leads, purchases; refunds do not count), as far as the chosen model credits them to messages of the chosen campaigns.',
    }, "toFloat64(sumIf(credit, kind != 'REFUND'))", earned, 'hour'))
    .withPanel(headline({
      id: 3, title: 'Cost per message', unit: 'currencyUSD', at: {x: 8, y: 0, w: 4, h: 4}, decimals: 4,
      description: 'Cost of the messages sent in the range, divided by their number, and in the period before. A message of several segments costs several times as much.',
    }, 'sum(cost_micros) / 1e6 / nullIf(sum(sends), 0)', sent, 'cohort_hour'))
    .withPanel(headline({
      id: 4, title: 'Messages sent', unit: 'locale', at: {x: 12, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Messages handed to the carriers in the range, and in the period before.',
    }, 'sum(sends)', sent, 'cohort_hour'))
    .withPanel(headline({
      id: 5, title: 'Opt-out rate', unit: 'percentunit', at: {x: 16, y: 0, w: 4, h: 4}, decimals: 2,
      description: 'Recipients who revoked consent within 72 hours of a message, per message of the range that is older than that; and in the period before. Carriers flag a sender at 5 % a day and may suspend at 10 %; a leading platform calls 2 % critical.',
      empty: 'No message of this range is 72 hours old yet. Widen the range.',
    }, 'sum(opt_outs) / nullIf(sum(sends), 0)', window => sql`
      ${cohorts(window)} AND ${MATURE}
      HAVING sum(sends) > 0`, 'cohort_hour')
      .thresholds(thresholds('green', ...OPT_OUT_STEPS)))
    .withPanel(headline({
      id: 6, title: 'Broke the rules', unit: 'locale', at: {x: 20, y: 0, w: 4, h: 4}, decimals: 0,
      description: 'Messages of the range, and of the period before, that went out after an opt-out, in quiet hours, above a cap or to a hold-out. Sending decisions shows each of them.',
    }, 'uniqExact(message)', window => sql`
      FROM (
          ${breaches(window)}
      )`, 'decided_at')
      .thresholds(thresholds('green', [1, 'red'])))
    .withPanel(bars({
      id: 7, named: 'campaign', title: 'Revenue credited by campaign', unit: 'currencyUSD', at: {x: 0, y: 4, w: 15, h: 9},
      description: 'Revenue per day of the conversion, net of refunds, credited by the chosen model to the messages of each campaign.',
    }, sql`
      SELECT $__timeInterval(hour) AS time, campaign_id AS campaign, sum(revenue_micros) / 1e6 AS revenue
      ${CREDITED}
      GROUP BY time, campaign
      ORDER BY time, campaign`)
      .interval('1h')
      .maxDataPoints(31))
    .withPanel(bars({
      id: 8, named: 'list', title: 'Opt-outs by list', unit: 'locale', at: {x: 15, y: 4, w: 9, h: 9}, decimals: 0,
      description: 'Opt-outs per day on the chosen lists, by when they came, whatever message caused them.',
    }, sql`
      SELECT window_start AS time, list_id AS list, sum(opt_outs) AS opt_outs
      FROM list_health
      WHERE ${during('window_start', 'toStartOfDay')} AND window_seconds = 86400 AND campaign_id = '' AND ${LISTS}
      GROUP BY time, list
      ORDER BY time, list`)
      .interval('1d'))
    .withPanel(experiments)
    .withPanel(alerts)
    .withPanel(campaigns)
    .withPanel(ranking({
      id: 12, title: 'Cost per message by campaign', unit: 'currencyUSD', at: {x: 0, y: 37, w: 12, h: 9}, decimals: 4,
      description: 'Cost of a campaign\'s messages in the range, divided by their number.',
    }, sql`
      SELECT campaign_id AS campaign, sum(cost_micros) / 1e6 / sum(sends) AS cost_per_message
      ${COHORTS}
      GROUP BY campaign
      HAVING sum(sends) > 0
      ORDER BY cost_per_message DESC`))
    .withPanel(bars({
      id: 13, named: 'list', title: 'Messages by list', unit: 'locale', at: {x: 12, y: 37, w: 12, h: 9}, decimals: 0,
      description: 'Messages of the chosen campaigns by interval of the send.',
    }, sql`
      SELECT $__timeInterval_ms(cohort_hour) AS time, list_id AS list, sum(sends) AS messages
      ${COHORTS}
      GROUP BY time, list
      ORDER BY time, list`)
      .interval('1h')
      .maxDataPoints(31)
      .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending)));
}
