// Which tests are there, whose are they, how far are they, when do they end?
import {
  DASHBOARDS, EFFECT, EXPERIMENT_STATES, board, columns, figure, finding, grid, sql, thresholds,
} from './heed.js';

const NONE = 'No experiment was applied yet. Write one into experiment-config/experiments and apply it.';

const counted = (condition: string) => sql`
  SELECT countIf(${condition}) AS experiments
  FROM experiment_list
  HAVING count() > 0`;

export function experiments() {
  const all = grid({
    id: 5, title: 'All experiments', unit: 'locale', at: {x: 0, y: 4, w: 24, h: 12}, decimals: 0,
    description: 'Every experiment that was applied, also before its first evaluation; not bound to the range. Progress is the share of the recipients at which it ends at the latest. It ends by: at its horizon, or when that limit is full at the pace of the newest 28 days of evaluations, whichever comes first; it usually decides sooner. Held by: it has a winner, which waits until a guardrail is shown not to be worse.',
    empty: NONE,
  }, sql`
    SELECT
        experiment_id AS experiment, state, owner, hypothesis, arrayStringConcat(lists, ', ') AS on_lists, starts_at,
        recipients, progress, ends_by,
        if(held_guardrail = '', '', concat(held_variant, ' waits for ', held_guardrail, if(recipients_missing IS NULL, '', concat(', about ', toString(assumeNotNull(recipients_missing)), ' recipients')))) AS held_by,
        evaluated_at
    FROM experiment_list
    ORDER BY indexOf(['RUNNING', 'NOT_EVALUATED', 'NOT_STARTED'], state) = 0, state != 'RUNNING', evaluated_at DESC, experiment`);
  columns(all, {
    experiment: {link: {title: 'This experiment', url: `/d/${DASHBOARDS.experiment.uid}?\${__url_time_range}&var-experiment=\${__value.raw}`}},
    state: {mappings: EXPERIMENT_STATES},
    on_lists: {label: 'lists'},
    starts_at: {label: 'start', unit: 'dateTimeAsIso'},
    progress: {unit: 'percentunit', decimals: 0},
    ends_by: {label: 'ends by', unit: 'dateTimeAsIso'},
    held_by: {label: 'held by'},
    evaluated_at: {label: 'evaluated', unit: 'dateTimeAsIso'},
  });

  const results = grid({
    id: 6, title: 'What they show', unit: 'locale', at: {x: 0, y: 16, w: 24, h: 9}, decimals: 0,
    description: 'Every experiment as of its newest evaluation, by its primary metric; not bound to the range. The effect is that of the best variant that can win (for opt-outs and complaints the one with the fewest) against control with its 95 % confidence sequence: relative for rates, in currency per recipient for revenue. Once a test has stopped it is optimistic, since tests tend to stop on a lucky stretch.',
    empty: 'No experiment has been evaluated yet. An evaluation needs recipients whose window has passed.',
  }, sql`
    SELECT
        experiment_id AS experiment, state, primary_metric, best_variant,
        if(scale = 'PER_RECIPIENT', NULL, effect) AS relative,
        if(scale = 'PER_RECIPIENT', NULL, lower) AS at_least,
        if(scale = 'PER_RECIPIENT', NULL, upper) AS at_most,
        if(scale = 'PER_RECIPIENT', effect / 1e6, NULL) AS money,
        if(scale = 'PER_RECIPIENT', lower / 1e6, NULL) AS money_at_least,
        if(scale = 'PER_RECIPIENT', upper / 1e6, NULL) AS money_at_most,
        multiIf(state = 'INVALID', 'without meaning', ${finding('lower', 'upper', 'more than control', 'less than control')}) AS finding,
        winner
    FROM (
        SELECT *,
            JSONExtractString(best, 'variant_id') AS best_variant,
            JSONExtractString(best, 'effect_scale') AS scale,
            JSONExtract(best, 'effect', 'Nullable(Float64)') AS effect,
            JSONExtract(best, 'effect_lower', 'Nullable(Float64)') AS lower,
            JSONExtract(best, 'effect_upper', 'Nullable(Float64)') AS upper
        FROM experiment_list
        WHERE record != ''
    )
    ORDER BY state != 'RUNNING', evaluated_at DESC, experiment`);
  columns(results, {
    experiment: {link: {title: 'This experiment', url: `/d/${DASHBOARDS.experiment.uid}?\${__url_time_range}&var-experiment=\${__value.raw}`}},
    state: {mappings: EXPERIMENT_STATES},
    primary_metric: {label: 'metric'},
    best_variant: {label: 'best variant'},
    ...EFFECT,
  });

  return board(DASHBOARDS.experiments,
      'Which experiments are there, whose are they, how far are they, and when do they end? One line each; its name leads to its own page.',
      'now-30d', '1m')
    .withPanel(figure({
      id: 1, title: 'Running', unit: 'locale', at: {x: 0, y: 0, w: 6, h: 4}, decimals: 0,
      description: 'Experiments that were evaluated and are not decided, as of now; not bound to the range.',
      empty: NONE,
    }, counted("state = 'RUNNING'")))
    .withPanel(figure({
      id: 2, title: 'Not evaluated yet', unit: 'locale', at: {x: 6, y: 0, w: 6, h: 4}, decimals: 0,
      description: 'Experiments that were applied and have no recipient yet whose window has passed, or that start later; not bound to the range.',
      empty: NONE,
    }, counted("state IN ('NOT_EVALUATED', 'NOT_STARTED')")))
    .withPanel(figure({
      id: 3, title: 'Waiting for a guardrail', unit: 'locale', at: {x: 12, y: 0, w: 6, h: 4}, decimals: 0,
      description: 'Experiments with a winner that is held back until a guardrail is shown not to be worse; not bound to the range.',
      empty: NONE,
    }, counted("held_guardrail != ''")))
    .withPanel(figure({
      id: 4, title: 'Stopped for harm, or invalid', unit: 'locale', at: {x: 18, y: 0, w: 6, h: 4}, decimals: 0,
      description: 'Experiments that a guardrail stopped, and those whose assignment was broken; not bound to the range.',
      empty: NONE,
    }, counted("state IN ('STOPPED_HARM', 'INVALID')"))
      .thresholds(thresholds('green', [1, 'red'])))
    .withPanel(all)
    .withPanel(results);
}
