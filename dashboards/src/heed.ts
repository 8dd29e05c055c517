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

/** The same name has the same colour on every panel. */
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

/** Lines over time. */
export function lines(about: About, ...sql: string[]) {
  return panel(new timeseries.PanelBuilder(), about,
      sql.map((each, i) => series(each, String.fromCharCode(65 + i))))
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(byName())
    .legend(legend())
    .tooltip(tooltip());
}

/** Stacked bars over time. */
export function bars(about: About, sql: string) {
  return lines(about, sql)
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** Bars of categories; the first column names them. */
export function categories(about: About, sql: string) {
  return panel(new barchart.PanelBuilder(), about, [rows(sql)])
    .orientation(common.VizOrientation.Horizontal)
    .stacking(common.StackingMode.None)
    .showValue(common.VisibilityMode.Always)
    .colorScheme(byName())
    .legend(legend())
    .tooltip(tooltip());
}

/** Ranked bars of one value each; the first column names them. */
export function ranking(about: About, sql: string) {
  return panel(new bargauge.PanelBuilder(), about, [rows(sql)])
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(true).fields(''))
    .colorScheme(byName());
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

/** One of a few values that the file itself names; the first is chosen. */
export function constants(name: string, label: string, description: string, values: string[]) {
  return new dashboard.CustomVariableBuilder(name)
    .label(label)
    .description(description)
    .values(values.join(','))
    .allowCustomValue(false)
    .current({text: values[0], value: values[0]});
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
  listHealth: {uid: 'heed-list-health', title: 'List health'},
  experiment: {uid: 'heed-experiment', title: 'Experiment'},
  attribution: {uid: 'heed-attribution', title: 'Attribution'},
  decisions: {uid: 'heed-sending-decisions', title: 'Sending decisions'},
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
export const VARIANT_COLORS: [string, string][] = [['control', 'blue'], ['holdout', 'gray']];

/** What several dashboards colour alike. */
export const MEANING: [string, string][] = [
  ['opt-ins', 'green'], ['opt-outs', 'red'], ['ALLOW', 'green'], ['DEFER', 'yellow'], ['DENY', 'red'],
];

export const JOB_COLORS: [string, string][] = [
  ['send-gate', 'red'], ['list-health', 'green'], ['experiments', 'purple'], ['attribution', 'orange'], ['warehouse', 'blue'],
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
  link?: {title: string; url: string};
  width?: number;
}

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
    }
    if (column.mappings !== undefined) {
      properties.push(property('mappings', mappings(column.mappings)));
    }
    if (column.steps !== undefined || column.mappings !== undefined) {
      properties.push(property('custom.cellOptions', {type: 'color-text'}));
    }
    if (column.link !== undefined) {
      properties.push(property('links', [column.link]));
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

/** The state of a decision as pages name it: a futile test has shown no equality. */
export const stateOf = (state: string, reasons: string) =>
  `if(${state} = 'NO_DIFFERENCE' AND has(${reasons}, 'FUTILE'), 'FUTILE', ${state})`;

export const EXPERIMENT_STATES = {
  RUNNING: {text: 'running', color: 'blue'},
  WINNER: {text: 'winner', color: 'green'},
  NO_DIFFERENCE: {text: 'no difference that matters', color: 'purple'},
  FUTILE: {text: 'no effect of the planned size', color: 'purple'},
  STOPPED_HARM: {text: 'stopped: harm', color: 'red'},
  INVALID: {text: 'invalid', color: 'orange'},
  EXPIRED: {text: 'expired', color: 'gray'},
};

/** The shipped policy of list health: what it alerts on is what the pages mark. */
export const LIST_HEALTH = parse(readFileSync(new URL('../../experiment-config/policies/list-health.yaml', import.meta.url), 'utf8')) as {
  opt_out_rate: {levels: {at: number}[]; minimum_sends: number; minimum_opt_outs: number};
  delivery_drop: {drop: number; minimum_messages: number; minimum_baseline_messages: number};
};

/** Carriers flag a sender at 5 % opt-outs a day and may suspend at 10 %; platforms call 2 % critical. */
export const OPT_OUT_STEPS = LIST_HEALTH.opt_out_rate.levels.map(({at}, level): [number, string] => [at, ['yellow', 'orange', 'red'][level] ?? 'red']);
