// What all dashboards share: the data source, the way a query is written, colours, thresholds.
import type {Builder, Dataquery} from '@grafana/grafana-foundation-sdk/cog';
import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

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
  const lines = sql.replace(/^\n/, '').trimEnd().split('\n');
  const indent = Math.min(...lines.filter(line => line.trim()).map(line => line.search(/\S/)));
  return lines.map(line => line.slice(indent)).join('\n');
}

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

/** A table; columns are formatted by overrides. */
export function grid(about: About, sql: string) {
  return panel(new table.PanelBuilder(), about, [rows(sql)]).showHeader(true);
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

/** One or several, or all. */
export function choices(name: string, label: string, description: string, sql: string) {
  return choice(name, label, description, sql)
    .multi(true)
    .includeAll(true)
    .current({text: 'All', value: '$__all'});
}

export const LIST = () => choices('list', 'List', 'Lists of the programme.',
  "SELECT DISTINCT list_id FROM list_health WHERE window_seconds = 86400 AND campaign_id = '' AND list_id != '' ORDER BY list_id");

export const CAMPAIGN = () => choices('campaign', 'Campaign', 'Campaigns with sends on the chosen lists.',
  "SELECT DISTINCT campaign_id FROM send_cohort WHERE campaign_id != '' AND list_id IN (${list:singlequote}) ORDER BY campaign_id");

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

/** A band between two series with the estimate in it. */
export const lineStyle = (fill: 'solid' | 'dash') => ({fill, dash: fill === 'dash' ? [6, 6] : undefined});
