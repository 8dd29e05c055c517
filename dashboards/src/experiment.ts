// One experiment: what is its result, and can it be trusted?
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import {
  DASHBOARDS, EFFECT, EXPERIMENT_STATES, LARGE_EVIDENCE, MOST_EVIDENCE, SMALL_P, board, byVariant, choice, columns, field, figure, finding, fixed, grid, inWords, lines, mappings, mark, note, property,
  sql, stateOf, states, thresholds, topic, word,
} from './heed.js';

const EXPERIMENT = 'experiment_id = ${experiment:singlequote}';

const METRIC = `${EXPERIMENT} AND metric = \${metric:singlequote}`;

const DECISIONS = sql`
  FROM decision
  WHERE topic = ${topic('sms.decision.experiment')} AND key = \${experiment:singlequote}`;

/** The newest decision, as one row. */
const NEWEST = sql`
  SELECT payload AS record, ${stateOf('state', 'reasons')} AS shown_state
  ${DECISIONS}
  ORDER BY seq DESC
  LIMIT 1`;

/** The same rows twice: rates as they are, money in units of the currency. */
const RELATIVE = "effect_scale != 'PER_RECIPIENT'";
const MONEY = "effect_scale = 'PER_RECIPIENT'";

/** Control has no effect against itself, and so no scale. */
const IS_MONEY = sql`
  metric IN (SELECT metric FROM experiment_result WHERE ${METRIC} AND ${MONEY})`;

const NOT_EVALUATED = 'This experiment has not been evaluated in this range. An evaluation needs recipients whose window has passed.';

const inDollars = [property('unit', 'currencyUSD'), property('decimals', 4)];

export function experiment() {
  const about = {
    id: 7, named: 'variant', title: 'Effect of ${variant} on ${metric} against control', unit: 'percentunit', at: {x: 0, y: 9, w: 16, h: 11}, decimals: 1,
    description: 'Estimate and 95 % confidence sequence over time. The band is valid at any moment: the true effect lies inside it all along with a probability of at least 95 %. A rate\'s effect is relative to control\'s rate; revenue\'s is a difference in currency per recipient. Relative effects are cut at 100 %. Once the test has stopped, the estimate is optimistic.',
    empty: NOT_EVALUATED,
  };
  const effect = byVariant(lines(about,
    sql`
      SELECT evaluated_at AS time, variant_id AS variant, greatest(-1, least(1, effect)) AS value
      FROM experiment_result
      WHERE ${METRIC} AND variant_id = \${variant:singlequote} AND ${RELATIVE} AND effect IS NOT NULL AND $__timeFilter_ms(evaluated_at)
      ORDER BY time`,
    sql`
      SELECT evaluated_at AS time, least(1, effect_upper) AS upper, greatest(-1, effect_lower) AS lower
      FROM experiment_result
      WHERE ${METRIC} AND variant_id = \${variant:singlequote} AND ${RELATIVE} AND effect_upper IS NOT NULL AND effect_lower IS NOT NULL AND $__timeFilter_ms(evaluated_at)
      ORDER BY time`,
    sql`
      SELECT evaluated_at AS time, variant_id AS variant, effect / 1e6 AS value
      FROM experiment_result
      WHERE ${METRIC} AND variant_id = \${variant:singlequote} AND ${MONEY} AND effect IS NOT NULL AND $__timeFilter_ms(evaluated_at)
      ORDER BY time`,
    sql`
      SELECT evaluated_at AS time, effect_upper / 1e6 AS upper, effect_lower / 1e6 AS lower
      FROM experiment_result
      WHERE ${METRIC} AND variant_id = \${variant:singlequote} AND ${MONEY} AND effect_upper IS NOT NULL AND effect_lower IS NOT NULL AND $__timeFilter_ms(evaluated_at)
      ORDER BY time`)
    .thresholds(thresholds('transparent', [0, 'gray']))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
    // No effect is always in the picture.
    .axisSoftMin(0)
    .axisSoftMax(0))
    .overrideByQuery('C', inDollars)
    .overrideByQuery('D', inDollars)
    .overrideByName('upper', [property('displayName', 'at most'), property('color', fixed('light-blue').build()), property('custom.lineWidth', 1), property('custom.fillBelowTo', 'at least'), property('custom.fillOpacity', 18)])
    .overrideByName('lower', [property('displayName', 'at least'), property('color', fixed('light-blue').build()), property('custom.lineWidth', 1)]);

  const variants = grid({
    id: 12, title: 'Variants by ${metric}', unit: 'locale', at: {x: 0, y: 38, w: 24, h: 6}, decimals: 0,
    description: 'The newest evaluation of the metric; not bound to the range. Only recipients whose window has passed count. Control is what the others are compared with. Effects of a stopped test are optimistic.',
    empty: NOT_EVALUATED,
  }, sql`
    SELECT
        variant_id AS variant, recipients, successes,
        if(${IS_MONEY}, NULL, mean) AS rate,
        if(${IS_MONEY}, mean / 1e6, NULL) AS revenue,
        if(${RELATIVE}, effect, NULL) AS relative,
        if(${RELATIVE}, effect_lower, NULL) AS at_least,
        if(${RELATIVE}, effect_upper, NULL) AS at_most,
        if(${MONEY}, effect / 1e6, NULL) AS money,
        if(${MONEY}, effect_lower / 1e6, NULL) AS money_at_least,
        if(${MONEY}, effect_upper / 1e6, NULL) AS money_at_most,
        p_value,
        if(effect_scale = '', 'compared with', ${finding('effect_lower', 'effect_upper', 'more', 'less')}) AS finding
    FROM experiment_result
    WHERE ${METRIC}
    ORDER BY evaluated_at DESC
    LIMIT 1 BY variant_id`);
  columns(variants, {
    rate: {unit: 'percentunit', decimals: 2},
    revenue: {label: 'revenue per recipient', unit: 'currencyUSD', decimals: 4},
    ...EFFECT,
    p_value: {label: 'p-value', decimals: 4, range: SMALL_P},
  });

  const guardrails = grid({
    id: 13, title: 'Guardrails', unit: 'locale', at: {x: 0, y: 44, w: 12, h: 6}, decimals: 4,
    description: 'What must not get worse, per variant, as of the newest decision; not bound to the range. Harm stops the test. A winner waits for guardrails of mode require-non-inferior until they are shown not to be worse: then it says so, and about how many recipients are missing.',
    empty: 'This experiment has no guardrail, or has not been evaluated yet.',
  }, sql`
    SELECT
        JSONExtractString(guardrail, 'metric') AS metric,
        JSONExtractString(guardrail, 'variant_id') AS variant,
        multiIf(JSONExtractBool(guardrail, 'harmed'), 'HARMED', JSONExtractBool(guardrail, 'non_inferior'), 'NOT_WORSE', holds, 'HOLDS', 'OPEN') AS verdict,
        if(holds, JSONExtract(record, 'held_by', 'recipients_missing', 'Nullable(Int64)'), NULL) AS missing,
        JSONExtract(guardrail, 'p_value', 'Nullable(Float64)') AS p_value
    FROM (
        SELECT
            record,
            arrayJoin(JSONExtractArrayRaw(record, 'guardrails')) AS guardrail,
            JSONExtractString(record, 'held_by', 'guardrail') = JSONExtractString(guardrail, 'metric')
                AND JSONExtractString(record, 'held_by', 'variant_id') = JSONExtractString(guardrail, 'variant_id') AS holds
        FROM (
            ${NEWEST}
        )
    )
    ORDER BY metric, variant`);
  columns(guardrails, {
    verdict: {mappings: {HARMED: {text: 'harm shown', color: 'red'}, NOT_WORSE: {text: 'shown not to be worse', color: 'green'}, HOLDS: {text: 'the winner waits for it', color: 'orange'}, OPEN: {text: 'not shown yet', color: 'gray'}}},
    missing: {label: 'recipients missing', decimals: 0},
    p_value: {label: 'p-value of harm', range: SMALL_P},
  });

  const split = grid({
    id: 16, title: 'Where the split is off', unit: 'locale', at: {x: 0, y: 50, w: 24, h: 8}, decimals: 0,
    description: 'Recipients by list, region, carrier, campaign and hour of their first message, the worst first: the variant that is furthest from its share, and chi-square of the split there and of everything else in that column together. Where the sample ratio is broken and "elsewhere" is small, the fault lies in that segment alone; where it is large in every line, in the assignment itself. Every test has a worst segment: look here only if the sample ratio is below 0.01.',
    empty: 'No message of this experiment has gone out, or it has not been evaluated yet.',
  }, sql`
    SELECT dimension, segment, recipients, variant_id AS variant, observed_recipients, expected_recipients, chi_square, chi_square_elsewhere
    FROM sample_ratio_by_segment(experiment = \${experiment:singlequote})
    ORDER BY chi_square DESC, dimension, segment
    LIMIT 20`);
  columns(split, {
    dimension: {label: 'by'},
    observed_recipients: {label: 'has'},
    expected_recipients: {label: 'expected'},
    chi_square: {label: 'chi-square', decimals: 1},
    chi_square_elsewhere: {label: 'elsewhere', decimals: 1},
  });

  const segments = grid({
    id: 17, title: 'The effect by list, region, carrier and subscription', unit: 'locale', at: {x: 0, y: 58, w: 24, h: 9}, decimals: 0,
    description: 'The primary metric in parts of the audience, by each recipient\'s first message; new means first texted or opted in at most 30 days before. It never decides. Intervals and p-values hold for one look, at all comparisons of this table together: of twenty segments one would otherwise stand out by chance. "Differs" asks whether the effect there is another one than in the rest. A segment that stands out is an idea for a test of its own.',
    empty: 'No recipient of this experiment has matured, or control has no message to be divided by.',
  }, sql`
    SELECT
        dimension, segment, variant_id AS variant, recipients + control_recipients AS recipients_of_both,
        if(${RELATIVE}, control_mean, NULL) AS rate,
        if(${RELATIVE}, effect, NULL) AS relative,
        if(${RELATIVE}, effect_lower, NULL) AS at_least,
        if(${RELATIVE}, effect_upper, NULL) AS at_most,
        if(${MONEY}, effect / 1e6, NULL) AS money,
        if(${MONEY}, effect_lower / 1e6, NULL) AS money_at_least,
        if(${MONEY}, effect_upper / 1e6, NULL) AS money_at_most,
        ${finding('effect_lower', 'effect_upper', 'more', 'less')} AS finding,
        p_differs, comparisons
    FROM experiment_breakdown(experiment = \${experiment:singlequote})
    WHERE effect IS NOT NULL
    ORDER BY ifNull(p_differs, 2), recipients_of_both DESC, dimension, segment, variant
    LIMIT 10 BY dimension`);
  columns(segments, {
    dimension: {label: 'by'},
    recipients_of_both: {label: 'recipients'},
    rate: {label: 'rate of control', unit: 'percentunit', decimals: 2},
    ...EFFECT,
    p_differs: {label: 'differs, p-value', decimals: 4, range: SMALL_P},
  });

  const tested = grid({
    id: 18, title: 'What ${experiment} tests', unit: 'locale', at: {x: 0, y: 0, w: 24, h: 5}, decimals: 0,
    description: 'The experiment as it was applied, how far it is and when it ends at the latest; not bound to the range. Progress is the share of the recipients at which it ends at the latest. It ends by: at its horizon, or when that limit is full at the pace of the newest 28 days of evaluations, whichever comes first; it usually decides sooner.',
    empty: 'No experiment has this id: it was never applied here, or the link is misspelt. The page Experiments lists all of them.',
  }, sql`
    SELECT owner, hypothesis, arrayStringConcat(lists, ', ') AS on_lists, design, primary_metric, starts_at, recipients, limit_recipients, progress, ends_by,
        if(held_guardrail = '', '', concat(held_variant, ' waits for ', held_guardrail)) AS held_by
    FROM experiment_list
    WHERE ${EXPERIMENT}`);
  columns(tested, {
    on_lists: {label: 'lists'},
    primary_metric: {label: 'metric'},
    starts_at: {label: 'start', unit: 'dateTimeAsIso'},
    limit_recipients: {label: 'recipients at most'},
    progress: {unit: 'percentunit', decimals: 0},
    ends_by: {label: 'ends by', unit: 'dateTimeAsIso'},
    held_by: {label: 'held by'},
  });

  return board(DASHBOARDS.experiment,
      'What is the result of this experiment, and can it be trusted? Every figure here is valid at any moment.',
      'now-30d', '1m')
    .withVariable(choice('experiment', 'Experiment', 'Experiments that were applied or evaluated.', sql`
      SELECT experiment_id
      FROM experiment_definition
      UNION DISTINCT
      SELECT DISTINCT experiment_id
      FROM experiment_result
      ORDER BY experiment_id`))
    .withVariable(choice('metric', 'Metric', 'Metrics of the experiment.', sql`
      SELECT DISTINCT metric
      FROM experiment_result
      WHERE ${EXPERIMENT}
      ORDER BY metric NOT IN (SELECT primary_metric FROM experiment_definition WHERE ${EXPERIMENT}), metric`))
    .withVariable(choice('variant', 'Variant', 'Variants that are compared with control.', sql`
      SELECT DISTINCT variant_id
      FROM experiment_result
      WHERE ${METRIC} AND effect_scale != ''
      ORDER BY variant_id = 'holdout', variant_id`))
    .annotation(mark('Decision', 'purple', sql`
      SELECT min(decided_at) AS time, concat(${inWords('shown')}, if(winner = '', '', concat(': ', winner))) AS text
      FROM (
          SELECT decided_at, ${stateOf('state', 'reasons')} AS shown, ${field('winner_variant_id')} AS winner
          ${DECISIONS} AND state != 'RUNNING'
      )
      GROUP BY shown, winner
      HAVING $__timeFilter_ms(time)`))
    .withPanel(tested)
    .withPanel(word({
      id: 1, title: 'State', unit: 'none', at: {x: 0, y: 5, w: 4, h: 4},
      description: 'State of the experiment; all but running are final.',
      empty: 'No decision yet.',
    }, sql`
      SELECT shown_state AS state
      FROM (
          ${NEWEST}
      )`)
      .mappings(mappings(EXPERIMENT_STATES) as dashboard.ValueMapping[]))
    .withPanel(word({
      id: 2, title: 'Winner', unit: 'none', at: {x: 4, y: 5, w: 4, h: 4},
      description: 'The variant that won, once there is a winner; the one that has won and waits for a guardrail; or what the test ended without showing.',
      empty: 'No decision yet.',
    }, sql`
      SELECT multiIf(
          JSONExtractString(record, 'winner_variant_id') != '', JSONExtractString(record, 'winner_variant_id'),
          JSONLength(record, 'not_shown') > 0, concat('not shown: ', arrayStringConcat(JSONExtract(record, 'not_shown', 'Array(String)'), ', ')),
          JSONHas(record, 'held_by') AND JSONExtractString(record, 'held_by', 'variant_id') != '', concat(JSONExtractString(record, 'held_by', 'variant_id'), ', held by ', JSONExtractString(record, 'held_by', 'guardrail')),
          JSONExtractBool(record, 'final'), 'none', 'none yet') AS winner
      FROM (
          ${NEWEST}
      )`))
    .withPanel(figure({
      id: 3, title: 'Recipients', unit: 'locale', at: {x: 8, y: 5, w: 4, h: 4}, decimals: 0,
      description: 'Recipients whose window has passed, over all variants, by the primary metric. Each counts once, in the first variant that it saw.',
      empty: 'No decision yet.',
    }, sql`
      SELECT arraySum(v -> JSONExtractUInt(v, 'recipients'), JSONExtractArrayRaw(record, 'variants')) AS recipients
      FROM (
          ${NEWEST}
      )`))
    .withPanel(figure({
      id: 4, title: 'Sample ratio, p-value', unit: 'short', at: {x: 12, y: 5, w: 4, h: 4}, decimals: 3,
      description: 'Whether the variants got the shares of recipients that they should. Below 0.01 something is wrong with the assignment; below 0.001 the experiment is invalid.',
      empty: 'No decision yet.',
    }, sql`
      SELECT JSONExtract(record, 'sample_ratio_p_value', 'Nullable(Float64)') AS p_value
      FROM (
          ${NEWEST}
      )`)
      .thresholds(thresholds('red', [0.001, 'orange'], [0.01, 'green']))
      .mappings(SMALL_P as dashboard.ValueMapping[]))
    .withPanel(figure({
      id: 5, title: 'In two variants', unit: 'locale', at: {x: 16, y: 5, w: 4, h: 4}, decimals: 0,
      description: 'Contamination: recipients who were exposed to a second variant. They stay in the first. Above 1 % of all recipients the owner is alerted, above 5 % the experiment is invalid.',
      empty: 'No decision yet.',
    }, sql`
      SELECT JSONExtractUInt(record, 'contaminated') AS contaminated
      FROM (
          ${NEWEST}
      )`))
    .withPanel(figure({
      id: 6, title: 'Evidence for ${variant}', unit: 'suffix:×', at: {x: 20, y: 5, w: 4, h: 4},
      description: 'One over the p-value of the chosen variant and metric: how many times a stake against "no difference" has multiplied. 20 is the usual bar; beyond 10,000 only that is shown. As of the newest evaluation; a test that is invalid has none.',
      empty: 'No evidence.',
    }, sql`
      SELECT 1 / p_value AS evidence
      FROM experiment_result
      WHERE ${METRIC} AND variant_id = \${variant:singlequote}
      ORDER BY evaluated_at DESC
      LIMIT 1`)
      .thresholds(thresholds('text', [20, 'green']))
      .mappings(LARGE_EVIDENCE as dashboard.ValueMapping[]))
    .withPanel(effect)
    .withPanel(note({
      id: 8, title: 'How to read this', at: {x: 16, y: 9, w: 8, h: 11},
      description: 'What the figures mean and what they do not.',
    }, [
      '**Look as often as you like.** P-values and bands hold at every moment, so that looking does not raise false alarms.',
      '**Only people whose window has passed count.** The newest recipients are not in it yet, in no variant.',
      '**Effects at stopping are optimistic.** A test stops when it looks good, and part of that is luck. Expect somewhat less.',
      '**The band decides.** A winner is declared when the band lies wholly on one side of zero, and the guardrails agree; where the goal is not to be worse, when it lies above the margin.',
      '**Check the health first.** A sample ratio below 0.01 or many recipients in two variants mean that the assignment is broken; then the effect means nothing.',
    ].join('\n\n')))
    .withPanel(byVariant(lines({
      id: 9, named: 'variant', title: '${metric} by variant', unit: 'percentunit', at: {x: 0, y: 20, w: 12, h: 9}, decimals: 2,
      description: 'Mean per recipient over time: the share of recipients with the outcome, or the revenue per recipient in currency. Cumulative since the start.',
      empty: NOT_EVALUATED,
    }, sql`
      SELECT evaluated_at AS time, variant_id AS variant, mean AS value
      FROM experiment_result
      WHERE ${METRIC} AND NOT ${IS_MONEY} AND recipients > 0 AND $__timeFilter_ms(evaluated_at)
      ORDER BY time, variant`,
    sql`
      SELECT evaluated_at AS time, variant_id AS variant, mean / 1e6 AS value
      FROM experiment_result
      WHERE ${METRIC} AND ${IS_MONEY} AND recipients > 0 AND $__timeFilter_ms(evaluated_at)
      ORDER BY time, variant`))
      .overrideByQuery('B', inDollars))
    .withPanel(byVariant(lines({
      id: 10, named: 'variant', title: 'Evidence against "no difference"', unit: 'suffix:×', at: {x: 12, y: 20, w: 12, h: 9}, decimals: 1,
      description: 'One over the always-valid p-value, by variant, on a logarithmic axis that ends at 10,000: what lies there is that or more. The line at 20 is the usual bar (a false-alarm rate of 5 %).',
      empty: NOT_EVALUATED,
    }, sql`
      SELECT evaluated_at AS time, variant_id AS variant, least(1 / p_value, ${String(MOST_EVIDENCE)}) AS value
      FROM experiment_result
      WHERE ${METRIC} AND p_value IS NOT NULL AND $__timeFilter_ms(evaluated_at)
      ORDER BY time, variant`)
      .scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10))
      .min(1)
      .axisSoftMax(100)
      .mappings(LARGE_EVIDENCE as dashboard.ValueMapping[])
      .thresholds(thresholds('transparent', [20, 'green']))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))))
    .withPanel(byVariant(lines({
      id: 11, named: 'variant', title: 'Allocation', unit: 'percentunit', at: {x: 0, y: 29, w: 12, h: 9}, decimals: 0,
      description: 'Share of new recipients that each variant gets. It changes with a new version of the file, in a bandit, and after a decision.',
      empty: NOT_EVALUATED,
    }, sql`
      SELECT at AS time, tupleElement(share, 1) AS variant, tupleElement(share, 2) AS value
      FROM (
          SELECT at, arrayJoin(JSONExtractKeysAndValues(record, 'allocation', 'Float64')) AS share
          FROM (
              SELECT decided_at AS at, payload AS record
              ${DECISIONS} AND $__timeFilter_ms(decided_at)
              UNION ALL
              SELECT least(now64(3), toDateTime64($__toTime, 3)) AS at, argMax(payload, seq) AS record
              ${DECISIONS} AND decided_at <= $__toTime
              HAVING count() > 0
          )
      )
      ORDER BY time, variant`)
      .lineInterpolation(common.LineInterpolation.StepAfter)
      .fillOpacity(50)
      .lineWidth(1)
      .min(0)
      .max(1)
      .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))))
    .withPanel(lines({
      id: 14, title: 'Sample ratio over time', unit: 'short', at: {x: 12, y: 29, w: 12, h: 9}, decimals: 4,
      description: 'Always-valid p-value that the variants got the shares that they should, on a logarithmic axis. The lines: an alert below 0.01, invalid below 0.001.',
      empty: NOT_EVALUATED,
    }, sql`
      SELECT decided_at AS time, greatest(JSONExtractFloat(payload, 'sample_ratio_p_value'), 1e-6) AS "p-value"
      ${DECISIONS} AND JSONHas(payload, 'sample_ratio_p_value') AND $__timeFilter_ms(decided_at)
      ORDER BY time`)
      .scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10))
      .max(1)
      .min(0.0001)
      .thresholds(thresholds('transparent', [0.001, 'red'], [0.01, 'orange']))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed)))
    .withPanel(variants)
    .withPanel(guardrails)
    .withPanel(split)
    .withPanel(segments)
    .withPanel(states({
      id: 15, title: 'State over time', unit: 'none', at: {x: 12, y: 44, w: 12, h: 6},
      description: 'State of the experiment by instant of the evaluation.',
      empty: NOT_EVALUATED,
    }, sql`
      SELECT decided_at AS time, ${stateOf('decision.state', 'reasons')} AS state
      ${DECISIONS} AND $__timeFilter_ms(decided_at)
      ORDER BY time`)
      .mappings(mappings(EXPERIMENT_STATES) as dashboard.ValueMapping[]));
}
