// What all dashboards share: the data source, the way a query is written, colours, thresholds.
import {readFileSync} from 'node:fs';
import type {Builder, Dataquery} from '@grafana/grafana-foundation-sdk/cog';
import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import {parse} from 'yaml';

export const DATASOURCE = {type: 'grafana-clickhouse-datasource', uid: 'heed-clickhouse'};

export const NO_DATA_YET =
  'Nothing yet in this range. Send events to the sms.* topics, or widen the range.';

/** A query of the ClickHouse data source. */
class Sql implements Builder<Dataquery> {
  constructor(
      private readonly rawSql: string, private readonly timeSeries: boolean,
      private readonly refId: string) {}

  build(): Dataquery {
    return {
      refId: this.refId,
      datasource: DATASOURCE,
      editorType: 'sql',
      queryType: this.timeSeries ? 'timeseries' : 'table',
      format: this.timeSeries ? 0 : 1,
      rawSql: tidy(this.rawSql),
    } as unknown as Dataquery;
  }
}

/** Without the indentation of the source file. */
function tidy(sql: string): string {
  const lines = sql.replace(/^\n+/, '').trimEnd().split('\n');
  const indent = Math.min(...lines.filter(line => line.trim()).map(line => line.search(/\S/)));
  return lines.map(line => line.slice(indent)).join('\n');
}

/** A query; parts of several lines are indented like the line that they are put into. */
export function sql(texts: TemplateStringsArray, ...parts: string[]): string {
  return texts.reduce((query, text, i) => {
    const indent = /(^|\n)( *)[^\n]*$/.exec(query)?.[2] ?? '';
    return query + tidy(parts[i - 1] ?? '').replaceAll('\n', '\n' + indent) + text;
  });
}

/** Rows of windows that begin in the range, the window at its start included. */
export const during = (column: string, start: 'toStartOfHour' | 'toStartOfDay' = 'toStartOfHour') =>
  `${column} >= ${start}($__fromTime) AND ${column} <= $__toTime`;

/** Where the period before the range begins: it has as many windows as the range, of which the last may have only begun. */
export const beginBefore = (start: 'toStartOfHour' | 'toStartOfDay') => {
  const seconds = start === 'toStartOfDay' ? '86400' : '3600';
  const windows = `round((least(${start}($__toTime) + ${seconds}, now()) - ${start}($__fromTime)) / ${seconds})`;
  return `${start}($__fromTime) - ${seconds} * toUInt32(greatest(1, ${windows}))`;
};

/** Rows of windows that begin in the period before the range. */
export const before = (column: string, start: 'toStartOfHour' | 'toStartOfDay' = 'toStartOfHour') =>
  `${column} >= ${beginBefore(start)} AND ${column} < ${start}($__fromTime)`;

/** Cohorts of whose sends some are younger than the 72 hours for which they are followed. */
export const OPEN = 'cohort_hour > now() - INTERVAL 73 HOUR';

/** Cohorts whose counts stand. */
export const MATURE = 'cohort_hour <= now() - INTERVAL 73 HOUR';

/** The name of a series over days; a day that is still open has a series of its own, shown in grey. */
export const openApart = (name: string) =>
  `if(toStartOfDay(cohort_hour) + INTERVAL 1 DAY > now() - INTERVAL 72 HOUR, concat(${name}, ', still open'), ${name})`;

/** What an interval around an effect says. */
export const finding = (lower: string, upper: string, more: string, less: string) =>
  `multiIf(${lower} > 0, '${more}', ${upper} < 0, '${less}', ${lower} IS NULL OR ${upper} IS NULL, 'no interval yet', 'not distinguishable from zero')`;

/** The chosen lists. */
export const LISTS = 'list_id IN (${list:singlequote})';

/** The chosen campaigns. */
export const CAMPAIGNS = 'campaign_id IN (${campaign:singlequote})';

/** A topic under its name in this deployment. */
export const topic = (name: string) => `concat(\${topic_prefix:singlequote}, '${name}')`;

/** One field of a decision's record. */
export const field = (name: string) => `JSONExtractString(payload, '${name}')`;

/** Rows and columns as they come. */
export const rows = (sql: string, refId = 'A') => new Sql(sql, false, refId);

/** Series over time: a time column first, text columns name the series, numbers are the values. */
export const series = (sql: string, refId = 'A') => new Sql(sql, true, refId);

/** Where a panel stands, on a grid of 24 columns. */
export interface Place {x: number; y: number; w: number; h: number}

/** What every panel has. */
export interface About {
  id: number;
  title: string;
  description: string;
  unit: string;
  at: Place;
  /** The label whose values name the series. */
  named?: string;
  decimals?: number;
  /** What is shown instead of nothing. */
  empty?: string;
}

interface PanelBuilder<T> extends Builder<dashboard.Panel> {
  id(id: number): T;
  title(title: string): T;
  description(description: string): T;
  unit(unit: string): T;
  decimals(decimals: number): T;
  displayName(name: string): T;
  gridPos(place: Place): T;
  datasource(source: common.DataSourceRef): T;
  noValue(text: string): T;
  withTarget(target: Builder<Dataquery>): T;
}

function panel<T extends PanelBuilder<T>>(builder: T, about: About, targets: Sql[]): T {
  builder
    .id(about.id)
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .gridPos(about.at)
    .datasource(DATASOURCE)
    .noValue(about.empty ?? NO_DATA_YET);
  if (about.decimals !== undefined) {
    builder.decimals(about.decimals);
  }
  if (about.named !== undefined) {
    builder.displayName(`\${__field.labels.${about.named}}`);
  }
  targets.forEach(target => builder.withTarget(target));
  return builder;
}

const legend = () => new common.VizLegendOptionsBuilder()
  .displayMode(common.LegendDisplayMode.List)
  .placement(common.LegendPlacement.Bottom)
  .showLegend(true)
  .calcs([]);

const tooltip = () => new common.VizTooltipOptionsBuilder()
  .mode(common.TooltipDisplayMode.Multi)
  .sort(common.SortOrder.Descending);

/** No two series of a panel have the same colour; series come in the order of their names, so lists look alike on every panel that has all of them. */
export const inOrder = () => new dashboard.FieldColorBuilder()
  .mode(dashboard.FieldColorModeId.PaletteClassic);

/** The same name has the same colour on every panel, and two names of many may share one. */
export const byName = () => new dashboard.FieldColorBuilder()
  .mode(dashboard.FieldColorModeId.PaletteClassicByName);

export const fixed = (color: string) => new dashboard.FieldColorBuilder()
  .mode(dashboard.FieldColorModeId.Fixed)
  .fixedColor(color);

export const byThresholds = () => new dashboard.FieldColorBuilder()
  .mode(dashboard.FieldColorModeId.Thresholds);

/** Steps from the lowest on; the first holds below all others. */
export function thresholds(base: string, ...steps: [number, string][]) {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{value: null, color: base}, ...steps.map(([value, color]) => ({value, color}))]);
}

/** A word as a figure, such as a state. */
export const word = (about: About, query: string) => figure(about, query)
  .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('/.*/'));

/** One figure. */
export function figure(about: About, sql: string) {
  return panel(new stat.PanelBuilder(), about, [rows(sql)])
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .colorScheme(byThresholds())
    .thresholds(thresholds('text'));
}

/**
 * One figure of the range, and the same of the period before.
 *
 * @param value an aggregate
 * @param from where it comes from in a window; no row where there is nothing to show
 * @param column the instant of the rows
 */
export function headline(
    about: About, value: string, from: (window: string) => string, column: string,
    start: 'toStartOfHour' | 'toStartOfDay' = 'toStartOfHour') {
  return figure(about, sql`
    SELECT now, before
    FROM (
        SELECT
            (
                SELECT ${value}
                ${from(during(column, start))}
            ) AS now,
            (
                SELECT ${value}
                ${from(before(column, start))}
            ) AS before
    )
    WHERE now IS NOT NULL`)
    .orientation(common.VizOrientation.Horizontal)
    .overrideByName('before', [property('color', fixed('gray').build()), property('noValue', '–')]);
}

/** Lines over time. */
export function lines(about: About, ...sql: string[]) {
  return panel(new timeseries.PanelBuilder(), about,
      sql.map((each, i) => series(each, String.fromCharCode(65 + i))))
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(inOrder())
    .legend(legend())
    .tooltip(tooltip());
}

/** Stacked bars over time. */
export function bars(about: About, sql: string) {
  return lines(about, sql)
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    // A bar stands for the interval after its instant, and the first one beside the axis.
    .barAlignment(common.BarAlignment.After)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** Bars of categories; the first column names them. */
export function categories(about: About, sql: string) {
  return panel(new barchart.PanelBuilder(), about, [rows(sql)])
    .orientation(common.VizOrientation.Horizontal)
    .stacking(common.StackingMode.None)
    .showValue(common.VisibilityMode.Always)
    .colorScheme(inOrder())
    .legend(legend())
    .tooltip(tooltip());
}

/** Ranked bars of one value each; the first column names them. */
export function ranking(about: About, sql: string) {
  return panel(new bargauge.PanelBuilder(), about, [rows(sql)])
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(true).fields(''))
    .colorScheme(fixed('blue'));
}

/** How a distribution moves over time; one series a row. */
export function distribution(about: About, sql: string) {
  return panel(new heatmap.PanelBuilder(), about, [series(sql)])
    .calculate(false)
    .showLegend();
}

/** States over time. */
export function states(about: About, query: string) {
  return panel(new statetimeline.PanelBuilder(), about, [rows(query)])
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .legend(legend().showLegend(false));
}

/** A mark on every panel's time axis. */
export const mark = (name: string, color: string, query: string) => new dashboard.AnnotationQueryBuilder()
  .name(name)
  .datasource(DATASOURCE)
  .enable(true)
  .iconColor(color)
  .target(rows(query));

/** A table; columns are formatted by overrides. */
export function grid(about: About, sql: string) {
  return panel(new table.PanelBuilder(), about, [rows(sql)])
    .showHeader(true)
    // What a cell lacks; the panel's own text is for no rows at all.
    .overrideByFieldType('number', [property('noValue', '–')])
    .overrideByFieldType('string', [property('noValue', '–')])
    .overrideByFieldType('time', [property('noValue', '–')]);
}

/** A note. It has no data, and so no unit. */
export function note(about: Pick<About, 'id' | 'title' | 'description' | 'at'>, content: string) {
  return new text.PanelBuilder()
    .id(about.id)
    .title(about.title)
    .description(about.description)
    .gridPos(about.at)
    .mode(text.TextMode.Markdown)
    .content(content);
}

/** Properties of one column or series. */
export const property = (id: string, value: unknown) => ({id, value});

/** A variable whose options come from a query; every value is quoted where it is used. */
export function choice(name: string, label: string, description: string, sql: string) {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query(tidy(sql))
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.Disabled)
    .allowCustomValue(false);
}

/** One of a few values that the file itself names, shown with spaces; the first is chosen. */
export function constants(name: string, label: string, description: string, values: string[]) {
  const text = (value: string) => value.replaceAll('_', ' ');
  return new dashboard.CustomVariableBuilder(name)
    .label(label)
    .description(description)
    .values(values.map(value => `${text(value)} : ${value}`).join(','))
    .allowCustomValue(false)
    .current({text: text(values[0]!), value: values[0]!});
}

/** One or several, or all. */
export function choices(name: string, label: string, description: string, sql: string) {
  return choice(name, label, description, sql)
    .multi(true)
    .includeAll(true)
    .current({text: 'All', value: '$__all'});
}

export const LIST = () => choices('list', 'List', 'Lists of the programme.', sql`
  SELECT DISTINCT list_id
  FROM list_health
  WHERE window_seconds = 86400 AND campaign_id = '' AND list_id != ''
  ORDER BY list_id`);

export const CAMPAIGN = () => choices('campaign', 'Campaign', 'Campaigns with sends on the chosen lists.', sql`
  SELECT DISTINCT campaign_id
  FROM send_cohort
  WHERE campaign_id != '' AND ${LISTS}
  ORDER BY campaign_id`);

/** Models of attribution; last touch is what most people expect, so it comes first. */
export const MODELS = ['last_touch', 'first_touch', 'linear', 'time_decay', 'position_based', 'markov'];

export const MODEL = () => constants('model', 'Model', 'How the credit of a conversion is shared among the touches before it.', MODELS);

/** Hidden, and passed on by no page but this one: a deployment with a prefix of topics sets it in the file. */
const topicPrefix = (): Builder<dashboard.VariableModel> => ({
  build: () => ({
    ...new dashboard.ConstantVariableBuilder('topic_prefix')
      .label('Topic prefix')
      .description('Prefix of the deployment\'s topics (option topic-prefix).')
      .value('')
      .build(),
    current: {text: '', value: ''},
    hide: dashboard.VariableHide.HideVariable,
  }),
});

/** Names and addresses of all dashboards. */
export const DASHBOARDS = {
  growth: {uid: 'heed-growth', title: 'Growth overview'},
  subscribers: {uid: 'heed-subscribers', title: 'Subscribers'},
  listHealth: {uid: 'heed-list-health', title: 'List health'},
  experiments: {uid: 'heed-experiments', title: 'Experiments'},
  experiment: {uid: 'heed-experiment', title: 'Experiment'},
  attribution: {uid: 'heed-attribution', title: 'Attribution'},
  decisions: {uid: 'heed-sending-decisions', title: 'Sending decisions'},
  sales: {uid: 'heed-sales', title: 'Sales'},
  optimizer: {uid: 'heed-optimizer', title: 'Optimizer'},
  pipeline: {uid: 'heed-pipeline', title: 'Pipeline'},
} as const;

/** A dashboard with links to all others that keep range and variables. */
export function board(
    which: {uid: string; title: string}, description: string, from: string, refresh: string) {
  return new dashboard.DashboardBuilder(which.title)
    .uid(which.uid)
    .description(description)
    .tags(['heed'])
    .timezone('utc')
    .time({from, to: 'now'})
    .refresh(refresh)
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(topicPrefix())
    .links(Object.values(DASHBOARDS).filter(other => other.uid !== which.uid).map(other =>
      new dashboard.DashboardLinkBuilder(other.title)
        .type(dashboard.DashboardLinkType.Link)
        .url(`/d/${other.uid}`)
        .tooltip(`Opens ${other.title} with the same range and variables`)
        .icon('external link')
        .tags([])
        .keepTime(true)
        .includeVars(true)));
}

/** Control and hold-out always look alike; other variants by their name. */
export const byVariant = (builder: timeseries.PanelBuilder) => colored(builder.colorScheme(byName()), VARIANT_COLORS);

export const VARIANT_COLORS: [string, string][] = [['control', 'text'], ['holdout', 'gray']];

/** What several dashboards colour alike. */
export const MEANING: [string, string][] = [
  ['opt-ins', 'green'], ['opt-outs', 'red'], ['ALLOW', 'green'], ['DEFER', 'yellow'], ['DENY', 'red'],
];

export const JOB_COLORS: [string, string][] = [
  ['send-gate', 'red'], ['list-health', 'green'], ['experiments', 'purple'], ['attribution', 'orange'], ['warehouse', 'blue'], ['optimizer', 'yellow'],
];

export const CHANNEL_COLORS: [string, string][] = [
  ['sms', 'blue'], ['email', 'orange'], ['social', 'purple'], ['search', 'green'], ['sales', 'yellow'], ['no touch', 'gray'],
];

export const MODEL_COLORS: [string, string][] = [
  ['last touch', 'dark-blue'], ['first touch', 'light-blue'], ['linear', 'green'], ['time decay', 'yellow'], ['position based', 'orange'], ['markov', 'purple'],
];

export const EVENT_COLORS: [string, string][] = [
  ['send', 'blue'], ['delivery', 'green'], ['click', 'yellow'], ['reply', 'orange'], ['opt-out', 'red'], ['opt-in', 'light-green'], ['conversion', 'purple'],
  ['touch', 'light-purple'], ['assignment', 'light-blue'], ['send-request', 'gray'],
];

/** The last part of a topic's name. */
export const EVENT_TYPE = "arrayElement(splitByChar('.', topic), -1)";

/** Series of days that are still open. */
export const grey = <T extends {overrideByRegexp(pattern: string, properties: {id: string; value: unknown}[]): T}>(builder: T) =>
  builder.overrideByRegexp('/, still open$/', [property('color', fixed('gray').build()), property('custom.lineStyle', {fill: 'dash', dash: [4, 4]})]);

interface Overridable<T> {
  overrideByName(name: string, properties: {id: string; value: unknown}[]): T;
}

export function colored<T extends Overridable<T>>(builder: T, colors: [string, string][]): T {
  colors.forEach(([name, color]) => builder.overrideByName(name, [property('color', fixed(color).build())]));
  return builder;
}

/** How a column of a table is shown. */
export interface Column {
  label?: string;
  unit?: string;
  decimals?: number;
  steps?: [number, string][];
  mappings?: Record<string, {text?: string; color: string}>;
  /** Values that are shown as a text whatever they are exactly, such as small p-values. */
  range?: typeof SMALL_P;
  link?: {title: string; url: string};
  width?: number;
  /** There for links alone. */
  hidden?: boolean;
}

/** An effect with its interval: relative where the metric is a rate, else in money per recipient. */
export const EFFECT: Record<string, Column> = {
  relative: {label: 'effect', unit: 'percentunit', decimals: 1},
  at_least: {label: 'at least', unit: 'percentunit', decimals: 1},
  at_most: {label: 'at most', unit: 'percentunit', decimals: 1},
  money: {label: 'effect per recipient', unit: 'currencyUSD', decimals: 4},
  money_at_least: {label: 'from', unit: 'currencyUSD', decimals: 4},
  money_at_most: {label: 'to', unit: 'currencyUSD', decimals: 4},
};

export function columns<T extends Overridable<T>>(builder: T, all: Record<string, Column>): T {
  for (const [name, column] of Object.entries(all)) {
    const properties = [];
    if (column.label !== undefined) {
      properties.push(property('displayName', column.label));
    }
    if (column.unit !== undefined) {
      properties.push(property('unit', column.unit));
    }
    if (column.decimals !== undefined) {
      properties.push(property('decimals', column.decimals));
    }
    if (column.steps !== undefined) {
      properties.push(property('thresholds', thresholds('green', ...column.steps).build()));
    } else if (column.mappings !== undefined) {
      // Grafana's own would show what has no mapping red from 80 on.
      properties.push(property('thresholds', thresholds('text').build()));
    }
    if (column.mappings !== undefined) {
      properties.push(property('mappings', mappings(column.mappings)));
    }
    if (column.range !== undefined) {
      properties.push(property('mappings', column.range));
    }
    if (column.steps !== undefined || column.mappings !== undefined) {
      properties.push(property('custom.cellOptions', {type: 'color-text'}));
    }
    if (column.link !== undefined) {
      properties.push(property('links', [column.link]));
    }
    if (column.hidden === true) {
      properties.push(property('custom.hidden', true));
    }
    if (column.width !== undefined) {
      properties.push(property('custom.width', column.width));
    }
    builder.overrideByName(name, properties);
  }
  return builder;
}

/** Texts and colours of values. */
export const mappings = (values: Record<string, {text?: string; color: string}>) =>
  [{type: 'value', options: Object.fromEntries(Object.entries(values).map(([value, result], index) => [value, {...result, index}]))}];

const range = (from: number, to: number | null, text: string) => [{type: 'range', options: {from, to, result: {text, index: 0}}}];

/** A p-value's digits end somewhere. */
export const SMALL_P = range(0, 0.00009999, '< 0.0001');

/** Beyond this evidence only says that there is plenty. */
export const MOST_EVIDENCE = 10_000;

export const LARGE_EVIDENCE = range(MOST_EVIDENCE, null, '> 10,000×');

/** The state of a decision as pages name it: a futile test has shown no equality. */
export const stateOf = (state: string, reasons: string) =>
  `if(${state} = 'NO_DIFFERENCE' AND has(${reasons}, 'FUTILE'), 'FUTILE', ${state})`;

export const EXPERIMENT_STATES = {
  NOT_STARTED: {text: 'starts later', color: 'gray'},
  NOT_EVALUATED: {text: 'not evaluated yet', color: 'gray'},
  RUNNING: {text: 'running', color: 'blue'},
  WINNER: {text: 'winner', color: 'green'},
  NO_DIFFERENCE: {text: 'no difference that matters', color: 'purple'},
  FUTILE: {text: 'no effect of the planned size', color: 'purple'},
  STOPPED_HARM: {text: 'stopped: harm', color: 'red'},
  INVALID: {text: 'invalid', color: 'orange'},
  EXPIRED: {text: 'expired', color: 'gray'},
};

/** A state in the words of the pages. */
export const inWords = (state: string) => {
  const texts = (all: string[]) => `[${all.map(text => `'${text}'`).join(', ')}]`;
  return `transform(${state}, ${texts(Object.keys(EXPERIMENT_STATES))}, ${texts(Object.values(EXPERIMENT_STATES).map(({text}) => text))})`;
};

/** The shipped policy of list health: what it alerts on is what the pages mark. */
export const LIST_HEALTH = parse(readFileSync(new URL('../../experiment-config/policies/list-health.yaml', import.meta.url), 'utf8')) as {
  opt_out_rate: {levels: {at: number}[]; minimum_sends: number; minimum_opt_outs: number};
  delivery_drop: {drop: number; minimum_messages: number; minimum_baseline_messages: number};
};

/** Carriers flag a sender at 5 % opt-outs a day and may suspend at 10 %; platforms call 2 % critical. */
export const OPT_OUT_STEPS = LIST_HEALTH.opt_out_rate.levels.map(({at}, level): [number, string] => [at, ['yellow', 'orange', 'red'][level] ?? 'red']);
