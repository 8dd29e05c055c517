// Names, texts, units and colours of a panel's fields, by Grafana's own code: what the preview shows. Bundled as grafana.js.
import {
  FieldType, ThresholdsMode, applyFieldOverrides, colorManipulator, createTheme, displayNameOverrideProcessor, formattedValueToString, getFieldDisplayName,
  getFieldDisplayValues, getFieldSeriesColor, identityOverrideProcessor, numberOverrideProcessor, standardFieldConfigEditorRegistry,
} from '@grafana/data';
import type {
  DataFrame, DisplayValue, Field, FieldConfigPropertyItem, FieldConfigSource, FieldDisplay, GrafanaTheme2, InterpolateFunction,
  Labels, ReduceDataOptions, ThresholdsConfig,
} from '@grafana/data';
import * as chromatic from 'd3-scale-chromatic';

/** Rows of ClickHouse, as the preview's server gives them. */
export interface Result {
  refId: string;
  timeSeries: boolean;
  columns: {name: string; type: string}[];
  rows: unknown[][];
}

export interface Panel {
  fieldConfig?: FieldConfigSource;
  options?: {reduceOptions?: ReduceDataOptions};
}

const THEMES = {light: createTheme({colors: {mode: 'light'}}), dark: createTheme({colors: {mode: 'dark'}})};

let theme: GrafanaTheme2 = THEMES.light;

export function useTheme(mode: 'light' | 'dark'): void {
  theme = THEMES[mode];
}

function typeOf(column: string): FieldType {
  const type = column.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1');
  return /^Date/.test(type) ? FieldType.time : /^(U?Int|Float|Decimal)/.test(type) ? FieldType.number
    : type === 'Bool' ? FieldType.boolean : /^(String|FixedString|Enum|IPv|UUID)/.test(type) ? FieldType.string : FieldType.other;
}

function read(type: FieldType, value: unknown): unknown {
  if (value === null) {
    return null;
  }
  switch (type) {
    case FieldType.number: return Number(value);
    case FieldType.time: return Date.parse(`${String(value).replace(' ', 'T')}${String(value).length > 10 ? 'Z' : ''}`);
    default: return value;
  }
}

/** Frames as grafana-clickhouse-datasource makes them: named after the query, and time series with texts in wide form. */
export function framesOf({refId, timeSeries, columns, rows}: Result): DataFrame[] {
  const fields = columns.map(({name, type: column}, index): Field => {
    const type = typeOf(column);
    return {name, type, config: {}, values: rows.map(row => read(type, row[index]))};
  });
  if (!timeSeries) {
    return [{name: refId, refId, fields, length: rows.length}];
  }
  return rows.length === 0 ? [] : [wide(refId, fields, rows.length)];
}

/** One field for each value column and combination of texts, which become its labels; null where a series has no row. */
function wide(refId: string, fields: Field[], length: number): DataFrame {
  const time = fields.find(field => field.type === FieldType.time);
  const factors = fields.filter(field => field.type === FieldType.string || field.type === FieldType.boolean);
  const values = fields.filter(field => field !== time && !factors.includes(field));
  if (!time || factors.length === 0 || values.length === 0) {
    return {name: refId, refId, fields, length};
  }
  const instants = [...new Set<number>(time.values)];
  const row = new Map(instants.map((instant, index) => [instant, index]));
  const series = new Map<string, Field>();
  time.values.forEach((instant: number, from: number) => {
    const labels: Labels = Object.fromEntries(factors.map(factor => [factor.name, String(factor.values[from] ?? '')]));
    for (const value of values) {
      const key = JSON.stringify([value.name, labels]);
      if (!series.has(key)) {
        series.set(key, {name: value.name, type: value.type, config: {}, labels, values: Array(instants.length).fill(null)});
      }
      series.get(key)!.values[row.get(instant)!] = value.values[from];
    }
  });
  const order = (field: Field) => [field.name, ...factors.map(factor => field.labels![factor.name]!)];
  const sorted = [...series.values()].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    const at = left.findIndex((part, index) => part !== right[index]);
    return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1;
  });
  return {name: refId, refId, fields: [{...time, values: instants}, ...sorted], length: instants.length};
}

/** Standard options of a field, and the fields that each is for. */
const PROPERTIES: Partial<FieldConfigPropertyItem>[] = [
  {id: 'displayName', process: displayNameOverrideProcessor, settings: {expandTemplateVars: true}},
  ...['min', 'max', 'decimals'].map(id => ({id, process: numberOverrideProcessor, shouldApply: (field: Field) => field.type === FieldType.number})),
  {id: 'mappings', process: identityOverrideProcessor, shouldApply: field => field.type !== FieldType.time},
  ...['unit', 'color', 'thresholds', 'links', 'noValue'].map(id => ({id, process: identityOverrideProcessor})),
];

/** What Grafana takes where a file names no thresholds. */
const THRESHOLDS: ThresholdsConfig = {mode: ThresholdsMode.Absolute, steps: [{value: -Infinity, color: 'green'}, {value: 80, color: 'red'}]};

function register(property: Partial<FieldConfigPropertyItem>): void {
  if (!standardFieldConfigEditorRegistry.getIfExists(property.id)) {
    standardFieldConfigEditorRegistry.register({
      name: property.id!, path: property.id!, shouldApply: () => true, ...property,
    } as FieldConfigPropertyItem);
  }
}

PROPERTIES.forEach(register);

/** What a type of panels adds to a field; here, whatever the dashboards set. */
function registerCustom({defaults, overrides}: FieldConfigSource): void {
  const ids = [
    ...Object.keys(defaults.custom ?? {}).map(name => `custom.${name}`),
    ...overrides.flatMap(({properties}) => properties.map(({id}) => id).filter(id => id.startsWith('custom.'))),
  ];
  ids.forEach(id => register({id, path: id.slice('custom.'.length), isCustom: true, process: identityOverrideProcessor}));
}

/** With the defaults of Grafana. JSON has no infinity: the lowest step of thresholds is written as null. */
function restored(config: FieldConfigSource): FieldConfigSource {
  const copy = structuredClone(config);
  copy.defaults.thresholds ??= structuredClone(THRESHOLDS);
  const steps = [copy.defaults.thresholds, ...copy.overrides.flatMap(({properties}) =>
    properties.filter(({id}) => id === 'thresholds').map(({value}) => value as ThresholdsConfig))].flatMap(found => found?.steps ?? []);
  steps.filter(step => step.value === null).forEach(step => { step.value = -Infinity; });
  return copy;
}

/** The variables of a field that display names may have. */
function ofField(text: string, scoped: Parameters<InterpolateFunction>[1]): string {
  const field: Field | undefined = scoped?.['__dataContext']?.value.field;
  return text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, name: string) => field?.labels?.[name] ?? '');
}

/**
 * The frames with everything that the panel says about their fields.
 *
 * @param variables puts the dashboard's variables into a text
 */
export function look({fieldConfig = {defaults: {}, overrides: []}}: Panel, frames: DataFrame[], variables: (text: string) => string): DataFrame[] {
  registerCustom(fieldConfig);
  const data = applyFieldOverrides({
    data: frames, fieldConfig: restored(fieldConfig), theme, timeZone: 'utc',
    replaceVariables: (text, scoped) => variables(ofField(text, scoped)),
  });
  // A name is kept with its field, where colours by name find it.
  data.forEach(frame => frame.fields.forEach(field => getFieldDisplayName(field, frame, data)));
  return data;
}

/** The figures of a panel that shows single values. */
export function valuesOf({fieldConfig = {defaults: {}, overrides: []}, options}: Panel, data: DataFrame[]): FieldDisplay[] {
  return getFieldDisplayValues({
    data, fieldConfig: restored(fieldConfig), reduceOptions: options!.reduceOptions!, replaceVariables: text => text, theme, timeZone: 'utc',
  });
}

export const seriesColor = (field: Field): string => getFieldSeriesColor(field, theme).color;

export const color = (name: string): string => colorManipulator.asHexString(theme.visualization.getColorByName(name));

/** A value as it is written, with its unit. */
export const text = (value: DisplayValue): string => formattedValueToString(value);

/** Colours of a heat map, from the least value to the greatest; dark first on dark pages. */
export function scheme(name: string): string[] {
  const at = (chromatic as unknown as Record<string, (share: number) => string>)[`interpolate${name}`]!;
  const colors = Array.from({length: 9}, (_, step) => at(step / 8));
  return theme.isDark ? colors.reverse() : colors;
}
