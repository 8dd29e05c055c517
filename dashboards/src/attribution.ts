// What earned the conversions, and how much of it would have come anyway?
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  CAMPAIGN, CAMPAIGNS, CHANNEL_COLORS, DASHBOARDS, LIST, LISTS, MODEL, MODELS, MODEL_COLORS, bars, board, categories, colored, columns, during, finding, fixed, grid, headline, note, property, ranking, sql,
} from './heed.js';

/** All channels: other channels' campaigns are on no list. */
const credit = (window: string) => sql`
  FROM attribution_hourly
  WHERE ${window} AND model = \${model:singlequote}`;

const CREDIT = credit(during('hour'));

const bySms = (window: string) => sql`
  ${credit(window)} AND channel = 'sms'
    AND ${CAMPAIGNS}`;

/** The same, conversion by conversion. */
const CREDITS = sql`${during('toStartOfHour(conversion_time)')} AND model = \${model:singlequote}`;

const BY_SMS = bySms(during('hour'));

/** Nothing at all where there is nothing. */
const some = (from: (window: string) => string) => (window: string) => sql`
  ${from(window)}
  HAVING count() > 0`;

/** The newest evaluation of each variant against the hold-out. */
const LIFT = sql`
  SELECT experiment_id, variant_id, metric, recipients, holdout_recipients, credited_mean AS credited,
      effect AS incremental, effect_lower AS at_least, effect_upper AS at_most
  FROM incremental_lift
  WHERE NOT startsWith(experiment_id, 'optimizer|')
  ORDER BY evaluated_at DESC
  LIMIT 1 BY experiment_id, variant_id, metric`;

/** The newest evaluation of everything that is sent against the people who get nothing. */
const PROGRAMME = sql`
  SELECT variant_id AS hold_out, metric, recipients, holdout_recipients, mean AS texted_mean, holdout_mean AS held_out_mean,
      effect AS added, effect_lower AS at_least, effect_upper AS at_most
  FROM incremental_lift
  WHERE experiment_id = 'programme' AND metric IN ('converting', 'revenue')
  ORDER BY evaluated_at DESC
  LIMIT 1 BY hold_out, metric`;

/** What a model credits, where neither channels nor campaigns are distinguished. */
const CREDITED = 'light-blue';

const NO_HOLDOUT = 'No experiment with a hold-out has been evaluated yet. Give an experiment a hold-out (holdout: 0.1), and this shows what its messages really added.';

export function attribution() {
  const campaigns = grid({
    id: 9, title: 'Campaigns', unit: 'locale', at: {x: 0, y: 29, w: 24, h: 9}, decimals: 0,
    description: 'What the chosen model credits to each campaign in the range, of all channels but those that no touch explains. Messages and cost are those of SMS in the range.',
    empty: 'No conversion in this range.',
  }, sql`
    SELECT credited.channel AS channel, credited.campaign AS campaign, conversions, revenue,
        nullIf(sent.messages, 0) AS messages,
        nullIf(sent.cost, 0) AS cost,
        revenue / messages AS revenue_per_message,
        revenue / cost AS return_on_cost
    FROM (
        SELECT toString(channel) AS channel, toString(campaign_id) AS campaign,
            toFloat64(sumIf(credit, kind != 'REFUND')) AS conversions,
            sum(revenue_micros) / 1e6 AS revenue
        ${CREDIT} AND channel != 'none'
          AND (channel != 'sms' OR ${CAMPAIGNS})
        GROUP BY channel, campaign
        HAVING conversions != 0 OR revenue != 0
    ) AS credited
    LEFT JOIN (
        SELECT 'sms' AS channel, toString(campaign_id) AS campaign, sum(sends) AS messages, sum(cost_micros) / 1e6 AS cost
        FROM send_cohort
        WHERE ${during('cohort_hour')} AND ${LISTS} AND campaign_id != ''
        GROUP BY campaign
    ) AS sent ON credited.channel = sent.channel AND credited.campaign = sent.campaign
    ORDER BY revenue DESC`);
  columns(campaigns, {
    conversions: {label: 'credited conversions', decimals: 1},
    revenue: {label: 'credited revenue', unit: 'currencyUSD', decimals: 2},
    cost: {unit: 'currencyUSD', decimals: 2},
    revenue_per_message: {label: 'revenue per message', unit: 'currencyUSD', decimals: 4},
    return_on_cost: {label: 'revenue per $ of cost', unit: 'currencyUSD', decimals: 2},
  });

  const lift = grid({
    id: 8, title: 'Credited and incremental, by experiment with a hold-out', unit: 'locale', at: {x: 8, y: 13, w: 16, h: 10}, decimals: 0,
    description: 'Per 1,000 recipients: what last touch credits to the variant\'s own messages, and what its recipients brought beyond those of the hold-out, with the 95 % confidence sequence of the latter. Revenue in currency, the rest in conversions. As of the newest evaluation; not bound to range, model or list.',
    empty: NO_HOLDOUT,
  }, sql`
    SELECT experiment_id AS experiment, variant_id AS variant, if(metric = 'revenue', 'revenue, USD', metric) AS outcome,
        if(metric = 'revenue', 1e-3, 1e3) * credited AS credited_per_1000,
        if(metric = 'revenue', 1e-3, 1e3) * incremental AS incremental_per_1000,
        if(metric = 'revenue', 1e-3, 1e3) * at_least AS incremental_at_least,
        if(metric = 'revenue', 1e-3, 1e3) * at_most AS incremental_at_most,
        ${finding('at_least', 'at_most', 'adds', 'takes away')} AS finding,
        recipients, holdout_recipients
    FROM (
        ${LIFT}
    )
    WHERE recipients > 0 AND experiment != 'programme'
    ORDER BY experiment, variant, metric = 'revenue' DESC, metric`);
  columns(lift, {
    experiment: {link: {title: 'This experiment', url: `/d/${DASHBOARDS.experiment.uid}?\${__url_time_range}&var-experiment=\${__value.raw}`}},
    outcome: {label: 'metric'},
    credited_per_1000: {label: 'credited', decimals: 2},
    incremental_per_1000: {label: 'incremental', decimals: 2},
    incremental_at_least: {label: 'at least', decimals: 2},
    incremental_at_most: {label: 'at most', decimals: 2},
    holdout_recipients: {label: 'hold-out'},
  });

  const programme = grid({
    id: 13, title: 'What the programme adds', unit: 'locale', at: {x: 0, y: 23, w: 24, h: 6}, decimals: 0,
    description: 'Per 1,000 people, within the window after the first message that they got or would have got: people who converted, and revenue net of refunds, with messages and in the programme\'s hold-out, and what the messages added with its 95 % confidence sequence, valid however often it is looked at. One line each for every hold-out, by its salt. As of the newest evaluation; not bound to range, model or list.',
    empty: 'The programme has no hold-out that was evaluated yet. A policy that has a hold-out keeps some people from all promotional messages, and this shows what all of them together add.',
  }, sql`
    SELECT hold_out, if(metric = 'revenue', 'revenue, USD', 'people converting') AS per_1000,
        if(metric = 'revenue', 1e-3, 1e3) * texted_mean AS texted,
        if(metric = 'revenue', 1e-3, 1e3) * held_out_mean AS not_texted,
        if(metric = 'revenue', 1e-3, 1e3) * added AS added_per_1000,
        if(metric = 'revenue', 1e-3, 1e3) * at_least AS added_at_least,
        if(metric = 'revenue', 1e-3, 1e3) * at_most AS added_at_most,
        ${finding('at_least', 'at_most', 'adds', 'takes away')} AS finding,
        recipients, holdout_recipients
    FROM (
        ${PROGRAMME}
    )
    ORDER BY hold_out DESC, metric`);
  columns(programme, {
    hold_out: {label: 'hold-out'},
    per_1000: {label: 'per 1,000 people'},
    texted: {label: 'with messages', decimals: 2},
    not_texted: {label: 'without', decimals: 2},
    added_per_1000: {label: 'added', decimals: 2},
    added_at_least: {label: 'at least', decimals: 2},
    added_at_most: {label: 'at most', decimals: 2},
    recipients: {label: 'people'},
    holdout_recipients: {label: 'held out'},
  });

  const customers = grid({
    id: 14, title: 'What customers cost and bring', unit: 'locale', at: {x: 0, y: 46, w: 24, h: 7}, decimals: 1,
    description: 'By channel, as the chosen model credits the conversions of the range: a new customer is a first purchase. Costs are those of all texts sent in the range; no event carries what other channels cost or what goods cost, so their costs and margins are not here. Return: revenue net of refunds less cost, over cost.',
    empty: 'No conversion in this range.',
  }, sql`
    SELECT channel, leads, qualified, new_customers, repeat_purchases, revenue, cost,
        cost / nullIf(leads, 0) AS cost_per_lead, cost / nullIf(new_customers, 0) AS acquisition_cost, (revenue - cost) / cost AS return_on_cost
    FROM (
        SELECT
            if(channel = 'none', 'no touch', toString(channel)) AS channel,
            toFloat64(sumIf(credit, kind = 'LEAD')) AS leads,
            toFloat64(sumIf(credit, kind = 'QUALIFIED')) AS qualified,
            toFloat64(sumIf(credit, kind = 'PURCHASE' AND is_first)) AS new_customers,
            toFloat64(sumIf(credit, kind = 'PURCHASE' AND NOT is_first)) AS repeat_purchases,
            sum(revenue_micros) / 1e6 AS revenue,
            if(channel = 'sms', (
                SELECT nullIf(sum(cost_micros), 0) / 1e6
                FROM send_cohort
                WHERE ${during('cohort_hour')} AND campaign_id != ''
            ), NULL) AS cost
        FROM (
            SELECT channel, kind, credit, revenue_micros, conversion_id IN (
                SELECT argMin(conversion_id, (event_time, conversion_id))
                FROM conversion
                WHERE kind = 'PURCHASE' AND recipient IN (
                    SELECT cityHash64(recipient_id)
                    FROM attribution_credit
                    WHERE ${CREDITS} AND kind = 'PURCHASE'
                )
                GROUP BY recipient
            ) AS is_first
            FROM attribution_credit
            WHERE ${CREDITS}
        )
        GROUP BY channel
    )
    ORDER BY revenue DESC`);
  columns(customers, {
    new_customers: {label: 'new customers'},
    repeat_purchases: {label: 'repeat purchases'},
    revenue: {unit: 'currencyUSD', decimals: 0},
    cost: {unit: 'currencyUSD', decimals: 0},
    cost_per_lead: {label: 'cost per lead', unit: 'currencyUSD', decimals: 2},
    acquisition_cost: {label: 'cost per new customer', unit: 'currencyUSD', decimals: 2},
    return_on_cost: {label: 'return', unit: 'percentunit', decimals: 0},
  });

  const funnel = grid({
    id: 15, title: 'From lead to purchase', unit: 'locale', at: {x: 0, y: 53, w: 10, h: 9}, decimals: 1,
    description: 'What became of each person\'s first lead since the begin of the data, by the channel that the chosen model credits the lead to: whether it was qualified, and whether the person bought afterwards. Renewed every 10 minutes; not bound to the range.',
    empty: 'No lead yet.',
  }, sql`
    SELECT if(channel = 'none', 'no touch', channel) AS channel_name, leads, qualified, qualified / nullIf(leads, 0) AS qualified_share,
        purchased, purchased / nullIf(leads, 0) AS purchased_share
    FROM lead_outcome
    WHERE model = \${model:singlequote} AND leads > 0
    ORDER BY leads DESC`);
  columns(funnel, {
    channel_name: {label: 'channel'},
    qualified_share: {label: 'lead to qualified', unit: 'percentunit', decimals: 1},
    purchased: {label: 'bought'},
    purchased_share: {label: 'lead to purchase', unit: 'percentunit', decimals: 1},
  });

  const lifetime = grid({
    id: 16, title: 'Lifetime value by month of the first touch', unit: 'currencyUSD', at: {x: 10, y: 53, w: 14, h: 9}, decimals: 2,
    description: 'Revenue per customer, net of refunds, by the end of each month after the month of the earliest touch that led to a conversion, by the channel of that touch. A month that has only begun is not complete; one that has not begun is empty. Renewed every 10 minutes; not bound to the range. It is revenue and not margin: no event carries the cost of goods.',
    empty: 'No customer with a touch yet.',
  }, sql`
    SELECT cohort_month AS month, channel, any(customer_value.customers) AS people,
        ${[0, 1, 2, 3, 6, 12].map(month =>
          `if(addMonths(month, ${month}) <= now(), sumIf(revenue_micros, months_since <= ${month}) / 1e6 / people, NULL) AS month_${month}`).join(',\n')}
    FROM customer_value
    GROUP BY month, channel
    ORDER BY month DESC, people DESC
    LIMIT 200`);
  columns(lifetime, {
    month: {unit: 'time:YYYY-MM'},
    people: {label: 'customers', unit: 'locale', decimals: 0},
    ...Object.fromEntries([0, 1, 2, 3, 6, 12].map(month => [`month_${month}`, {label: month === 0 ? 'same month' : `month ${month}`}])),
  });

  return board(DASHBOARDS.attribution,
      'What earned the conversions, and how much of it would have come anyway? Credit shares out what happened; only a hold-out shows what a message added.',
      'now-30d', '1m')
    .withVariable(MODEL())
    .withVariable(LIST())
    .withVariable(CAMPAIGN())
    .withPanel(headline({
      id: 1, title: 'Revenue credited to SMS', unit: 'currencyUSD', at: {x: 0, y: 0, w: 5, h: 4}, decimals: 0,
      description: 'Revenue of conversions in the range and in the period before, net of refunds, that the chosen model credits to messages of the chosen campaigns.',
      empty: 'None in this range.',
    }, 'sum(revenue_micros) / 1e6', some(bySms), 'hour'))
    .withPanel(headline({
      id: 2, title: 'Conversions credited to SMS', unit: 'locale', at: {x: 5, y: 0, w: 5, h: 4}, decimals: 1,
      description: 'Leads, qualified leads and purchases in the range and in the period before that the chosen model credits to messages of the chosen campaigns. Shares of conversions add up, hence the fraction.',
      empty: 'None in this range.',
    }, "toFloat64(sumIf(credit, kind != 'REFUND'))", some(bySms), 'hour'))
    .withPanel(headline({
      id: 3, title: 'Share of revenue from SMS', unit: 'percentunit', at: {x: 10, y: 0, w: 5, h: 4}, decimals: 1,
      description: 'Of all revenue in the range and in the period before, the part that the chosen model credits to messages of the chosen campaigns.',
      empty: 'None in this range.',
    }, sql`sumIf(revenue_micros, channel = 'sms' AND ${CAMPAIGNS}) / nullIf(sum(revenue_micros), 0)`, some(credit), 'hour'))
    .withPanel(headline({
      id: 4, title: 'No touch before', unit: 'percentunit', at: {x: 15, y: 0, w: 4, h: 4}, decimals: 1,
      description: 'Share of the conversions in the range, and in the period before, before which no touch of any channel lies within its window. They are the same under every model.',
      empty: 'None in this range.',
    }, "toFloat64(sumIf(credit, channel = 'none' AND kind != 'REFUND')) / nullIf(toFloat64(sumIf(credit, kind != 'REFUND')), 0)", some(credit), 'hour'))
    .withPanel(note({
      id: 5, title: 'Credit is not cause', at: {x: 19, y: 0, w: 5, h: 4},
      description: 'How to read the figures of this page.',
    }, 'Models share out all that was bought, also what would have been anyway. See **incremental** before moving budget.'))
    .withPanel(colored(bars({
      id: 6, named: 'channel_name', title: 'Credited revenue by channel', unit: 'currencyUSD', at: {x: 0, y: 4, w: 12, h: 9},
      description: 'Revenue by instant of the conversion, net of refunds, as the chosen model credits it; all channels, SMS with all its campaigns.',
      empty: 'No conversion in this range.',
    }, sql`
      SELECT $__timeInterval(hour) AS time, if(channel = 'none', 'no touch', channel) AS channel_name, sum(revenue_micros) / 1e6 AS revenue
      ${CREDIT}
      GROUP BY time, channel_name
      ORDER BY time, channel_name`)
      .interval('1h')
      .maxDataPoints(31), CHANNEL_COLORS))
    .withPanel(colored(categories({
      id: 7, title: 'The models compared', unit: 'currencyUSD', at: {x: 12, y: 4, w: 12, h: 9},
      description: 'Revenue in the range by channel under each model. Conversions that no touch explains are the same under all.',
      empty: 'No conversion in this range.',
    }, sql`
      SELECT if(channel = 'none', 'no touch', channel) AS channel_name,
          ${MODELS.map(model => `sumIf(revenue_micros, model = '${model}') / 1e6 AS "${model.replaceAll('_', ' ')}"`).join(',\n')}
      FROM attribution_hourly
      WHERE ${during('hour')}
      GROUP BY channel_name
      HAVING sum(abs(revenue_micros)) > 0
      ORDER BY "last touch" DESC`)
      .orientation(common.VizOrientation.Vertical)
      .showValue(common.VisibilityMode.Never), MODEL_COLORS))
    .withPanel(categories({
      id: 10, title: 'Credited beside incremental revenue', unit: 'currencyUSD', at: {x: 0, y: 13, w: 8, h: 10},
      description: 'Per 1,000 recipients of a variant: the revenue that last touch credits to its messages, and the revenue beyond that of the hold-out with the ends of its 95 % confidence sequence: where they lie on both sides of zero, it is not distinguishable from zero. Where the first is much larger, most of it would have come anyway. As of the newest evaluation; not bound to range, model or list.',
      empty: NO_HOLDOUT,
    }, sql`
      SELECT concat(experiment_id, ', ', variant_id) AS variant, credited * 1e-3 AS credited, incremental * 1e-3 AS incremental,
          at_least * 1e-3 AS "incremental, at least", at_most * 1e-3 AS "incremental, at most"
      FROM (
          ${LIFT}
      )
      WHERE metric = 'revenue' AND recipients > 0
      ORDER BY variant`)
      .overrideByName('credited', [property('color', fixed(CREDITED).build())])
      .overrideByName('incremental', [property('color', fixed('dark-green').build())])
      .overrideByName('incremental, at least', [property('color', fixed('light-green').build())])
      .overrideByName('incremental, at most', [property('color', fixed('super-light-green').build())]))
    .withPanel(lift)
    .withPanel(programme)
    .withPanel(campaigns)
    .withPanel(ranking({
      id: 11, title: 'Revenue credited by SMS campaign', unit: 'currencyUSD', at: {x: 0, y: 38, w: 12, h: 8}, decimals: 0,
      description: 'Revenue in the range, net of refunds, that the chosen model credits to the messages of each chosen campaign.',
      empty: 'No conversion in this range.',
    }, sql`
      SELECT campaign_id AS campaign, sum(revenue_micros) / 1e6 AS revenue
      ${BY_SMS}
      GROUP BY campaign
      HAVING revenue != 0
      ORDER BY revenue DESC`))
    .withPanel(ranking({
      id: 12, title: 'Revenue credited by variant', unit: 'currencyUSD', at: {x: 12, y: 38, w: 12, h: 8}, decimals: 0,
      description: 'Revenue in the range, net of refunds, that the chosen model credits to messages by campaign and variant. Variants get different numbers of recipients, so this does not say which is better; the experiment does.',
      empty: 'No message with a variant was credited in this range.',
    }, sql`
      SELECT concat(campaign_id, ', ', variant_id) AS variant, sum(revenue_micros) / 1e6 AS revenue
      ${BY_SMS} AND variant_id != ''
      GROUP BY variant
      HAVING revenue != 0
      ORDER BY revenue DESC`)
      .colorScheme(fixed(CREDITED)))
    .withPanel(customers)
    .withPanel(funnel)
    .withPanel(lifetime);
}
