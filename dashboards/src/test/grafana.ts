// What Grafana shows of a panel: from the rows of its queries, by @grafana/data alone and none of the preview's code.
import {
  FieldType, ThresholdsMode, applyFieldOverrides, createDataFrame, createTheme, displayNameOverrideProcessor, fieldColorModeRegistry, formattedValueToString,
  getDisplayProcessor, getFieldDisplayName, getFieldDisplayValues, identityOverrideProcessor, FieldConfigOptionsRegistry,
} from '@grafana/data';
import type {DataFrame, Field, FieldConfigPropertyItem, FieldConfigSource} from '@grafana/data';

/** One column or series, or one figure: its name, its colour and its texts from first to last. */
export interface Shown {
  name: string | null;
  color: string | null;
  texts: string[];
  colors?: (string | null)[];
}

export interface Result {
  refId: string;
  timeSeries: boolean;
  error?: string;
  columns: {name: string; type: string}[];
  rows: (string | number | boolean | null)[][];
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  fieldConfig: FieldConfigSource;
  options: {reduceOptions?: {calcs: string[]; values: boolean; fields: string}; textMode?: string; orientation?: string};
}

const KINDS: [RegExp, FieldType][] = [
  [/^Date/, FieldType.time], [/^(U?Int|Float|Decimal)/, FieldType.number], [/^Bool/, FieldType.boolean], [/^(String|FixedString|Enum)/, FieldType.string],
];

const kind = (type: string) => KINDS.find(([pattern]) => pattern.test(type.replace(/LowCardinality\(|Nullable\(/g, '')))?.[1] ?? FieldType.other;

function value(type: FieldType, cell: Result['rows'][number][number]) {
  return cell === null ? null : type === FieldType.number ? Number(cell) : type === FieldType.time
    ? Date.parse(/^\d+-\d+-\d+$/.test(String(cell)) ? `${cell}T00:00:00Z` : `${String(cell).replace(' ', 'T')}Z`) : cell;
}

/**
 * The frame of a query as grafana-clickhouse-datasource returns it. A time series with texts is made wide as its plugin SDK does:
 * a field for every value column and set of labels, in the order of their names and labels, with null where there is no row.
 */
function frame({refId, timeSeries, columns, rows}: Result): DataFrame {
  const types = columns.map(({type}) => kind(type));
  const cells = rows.map(row => row.map((cell, index) => value(types[index]!, cell)));
  const index = (type: FieldType) => types.flatMap((found, at) => found === type ? [at] : []);
  const [time] = index(FieldType.time);
  const labels = [...index(FieldType.string), ...index(FieldType.boolean)];
  if (!timeSeries || time === undefined || labels.length === 0) {
    return createDataFrame({name: refId, refId, fields: columns.map(({name}, at) => ({name, type: types[at]!, config: {}, values: cells.map(row => row[at])}))});
  }
  const instants = [...new Set(cells.map(row => row[time]))];
  const sets = [...new Set(cells.map(row => JSON.stringify(labels.map(at => row[at]))))].sort((a, b) => {
    const [left, right] = [JSON.parse(a).join('\u0000'), JSON.parse(b).join('\u0000')];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const numbers = columns.map((_, at) => at).filter(at => at !== time && !labels.includes(at)).sort((a, b) => columns[a]!.name < columns[b]!.name ? -1 : 1);
  return createDataFrame({name: refId, refId, fields: [
    {name: columns[time]!.name, type: FieldType.time, config: {}, values: instants},
    ...numbers.flatMap(at => sets.map(set => {
      const own = new Map(cells.filter(row => JSON.stringify(labels.map(label => row[label])) === set).map(row => [row[time], row[at]]));
      return {name: columns[at]!.name, type: types[at]!, config: {}, values: instants.map(instant => own.get(instant) ?? null),
        labels: Object.fromEntries(labels.map((label, place) => [columns[label]!.name, JSON.parse(set)[place]]))};
    })),
  ]});
}

const property = (id: string, path: string, isCustom: boolean) => ({
  id, path, name: id, isCustom,
  shouldApply: ({type}: Field) => ['min', 'max', 'decimals'].includes(id) ? type === FieldType.number : id !== 'mappings' || type !== FieldType.time, settings: {expandTemplateVars: true},
  process: id === 'displayName' ? displayNameOverrideProcessor : identityOverrideProcessor,
}) as unknown as FieldConfigPropertyItem;

/** Grafana's pages turn the null of the lowest step into what it means when they read a file. */
const lowest = (config: FieldConfigSource): FieldConfigSource => JSON.parse(JSON.stringify(config), (_, read) =>
  read && typeof read === 'object' && 'color' in read && read.value === null ? {...read, value: -Infinity} : read);

export function shownByGrafana(panel: Panel, results: Result[], mode: 'light' | 'dark', variables: (text: string) => string): Shown[] {
  const theme = createTheme({colors: {mode}});
  const {defaults, overrides} = lowest(panel.fieldConfig ?? {defaults: {}, overrides: []});
  const steps = [{value: -Infinity, color: 'green'}, {value: 80, color: 'red'}];
  const fieldConfig: FieldConfigSource = {defaults: {thresholds: {mode: ThresholdsMode.Absolute, steps}, ...defaults}, overrides};
  const ids = [...Object.keys(fieldConfig.defaults), ...fieldConfig.overrides.flatMap(({properties}) => properties.map(({id}) => id))];
  const custom = Object.keys(fieldConfig.defaults.custom ?? {}).map(name => `custom.${name}`);
  const registry = new FieldConfigOptionsRegistry(() => [...new Set([...ids, ...custom])].filter(id => id !== 'custom')
    .map(id => property(id, id.replace(/^custom\./, ''), id.startsWith('custom.'))));
  const data = applyFieldOverrides({
    data: results.filter(({timeSeries, rows}) => !timeSeries || rows.length > 0).map(frame),
    fieldConfig, fieldConfigRegistry: registry, theme, timeZone: 'utc',
    replaceVariables: (text, scoped) => variables(text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, name: string) =>
      (scoped?.['__dataContext']?.value.field as Field).labels?.[name] ?? '')),
  });
  if (data.every(({length}) => length === 0)) {
    return panel.type === 'text' ? [] : [{name: null, color: null, texts: [fieldConfig.defaults.noValue ?? 'No data']}];
  }
  const named = data.flatMap(found => found.fields.map(field => ({field, name: getFieldDisplayName(field, found, data)})));
  const display = (field: Field) => getDisplayProcessor({field, theme, timeZone: 'utc'});
  const texts = (field: Field) => [...field.values].map((cell: unknown) => cell === null ? '–' : formattedValueToString(display(field)(cell)));
  const series = (field: Field) => fieldColorModeRegistry.get(field.config.color!.mode).getCalculator(field, theme)(0, 0);
  switch (panel.type) {
    case 'timeseries': case 'barchart':
      return named.filter(({field}) => field.type === FieldType.number).map(({field, name}) => ({name, color: series(field), texts: texts(field)}));
    case 'heatmap':
      return named.filter(({field}) => field.type === FieldType.number).map(({field, name}) => ({name, color: null, texts: [...texts(field)].filter((_, row) => field.values[row])}));
    case 'stat': case 'bargauge': {
      const values = getFieldDisplayValues({data, fieldConfig, reduceOptions: panel.options.reduceOptions!, replaceVariables: text => text, theme, timeZone: 'utc'});
      return values.map(({display: shown}) => ({
        name: panel.type === 'bargauge' || values.length > 1 || panel.options.textMode === 'value_and_name' ? shown.title ?? null : null,
        color: shown.color ?? null, texts: [formattedValueToString(shown)]}));
    }
    case 'state-timeline':
      return named.filter(({field}) => field.type !== FieldType.time).map(({field, name}) => {
        const rows = [...field.values].flatMap((state: unknown, row: number) => row > 0 && field.values[row - 1] === state ? [] : [display(field)(state)]);
        return {name, color: null, texts: rows.map(formattedValueToString), colors: rows.map(({color}) => color ?? null)};
      });
    case 'table':
      return named.filter(({field}) => !field.config.custom?.hidden).map(({field, name}) => {
        const cells = [...field.values].map((cell: unknown) => display(field)(cell));
        const colored = field.config.custom?.cellOptions?.type !== 'auto' && field.config.custom?.cellOptions?.type !== undefined;
        return {name, color: null, texts: cells.map(formattedValueToString), colors: colored ? cells.map(({color}) => color ?? null) : []};
      });
    default:
      return [];
  }
}
