// Draws a panel's frames with ECharts and HTML, one function a panel type, at the end. What a field is called, how its
// values are written and which colour it has comes from Grafana's own code (grafana.js).
import {color, scheme, seriesColor, text, valuesOf} from './grafana.js';
import {element} from './html.js';

/** ECharts of the page, by the panel's id. */
export const charts = new Map();

const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function dispose(panel) {
  charts.get(panel.id)?.dispose();
  charts.delete(panel.id);
}

function chart({panel, body}, option) {
  if (!charts.has(panel.id) || !body.querySelector('.chart')) {
    dispose(panel);
    const div = element('div', {class: 'chart', role: 'img'});
    body.replaceChildren(div);
    charts.set(panel.id, echarts.init(div));
  }
  const tooltip = {confine: true, order: 'valueDesc', backgroundColor: style('--card'), borderColor: style('--line'), textStyle: {fontSize: 12, color: style('--text')}};
  charts.get(panel.id).setOption({
    animation: false, useUTC: true, aria: {enabled: true}, textStyle: {fontFamily: 'inherit', color: style('--soft')},
    ...option, tooltip: {...tooltip, ...option.tooltip},
  }, true);
}

export const clock = (millis, length = 16) => new Date(millis).toISOString().slice(0, length).replace('T', ' ');

/** A value of a field as Grafana writes it; what is not there is a dash. */
const written = (field, value) => value === null || value === undefined ? '–' : text(field.display(value));

const timeOf = frame => frame.fields.find(field => field.type === 'time');

const nameOf = field => field.state.displayName;

function seriesOf(frames) {
  return frames.flatMap(frame => frame.fields
    .filter(field => field.type === 'number' && !field.config.custom?.hideFrom?.viz)
    .map(field => ({field, time: timeOf(frame), name: nameOf(field), config: field.config, custom: field.config.custom ?? {}})));
}

// ---- axes and legends ---------------------------------------------------------------------------

const axisText = () => ({color: style('--soft'), fontSize: 11, hideOverlap: true});

const splitLine = show => ({show, lineStyle: {color: style('--faint')}});

/** One axis for each unit and side. */
function axesOf(list) {
  const axes = new Map();
  for (const {field, config, custom} of list) {
    const key = `${config.unit}|${custom.axisPlacement ?? 'auto'}`;
    if (!axes.has(key)) {
      axes.set(key, {field, config, custom, index: axes.size});
    }
  }
  return {all: [...axes.values()], indexOf: ({config, custom}) => axes.get(`${config.unit}|${custom.axisPlacement ?? 'auto'}`).index};
}

function valueAxis({field, config, custom, index}, fromZero) {
  const value = isSymlog(custom) ? unfolded : same => same;
  return {
    type: custom.scaleDistribution?.type === 'log' ? 'log' : 'value', scale: config.min === undefined && !fromZero,
    min: config.min ?? (custom.axisSoftMin === undefined ? undefined : ({min}) => Math.min(min, custom.axisSoftMin)),
    max: config.max ?? (custom.axisSoftMax === undefined ? undefined : ({max}) => Math.max(max, custom.axisSoftMax)),
    minInterval: isSymlog(custom) || config.decimals === 0 ? 1 : undefined, splitLine: splitLine(index === 0),
    name: custom.axisLabel ?? '', nameTextStyle: {color: style('--soft'), fontSize: 11, align: 'left'},
    axisLabel: {...axisText(), formatter: at => text(field.display(value(at), 3))},
  };
}

function legendOf(panel, names) {
  return {show: panel.options?.legend?.showLegend !== false && names.length > 1, type: 'scroll', bottom: 0, left: 8, itemWidth: 14, itemHeight: 8,
    textStyle: {fontSize: 11, color: style('--soft')}, pageTextStyle: {color: style('--soft')}, pageIconColor: style('--soft'), data: names};
}

const gridOf = (legend, top = 12) => ({left: 8, right: 16, top, bottom: legend.show ? 30 : 6, containLabel: true});

/** Thresholds and annotations. ECharts would round to two places, and a small threshold to nothing. */
function markLines({field, config, custom}, annotations) {
  const steps = (custom.thresholdsStyle?.mode ?? 'off') === 'off' ? [] : config.thresholds.steps.filter(({value}) => value !== -Infinity);
  const line = (at, own, written, type, width) => ({...at, label: {formatter: written, position: 'insideEndTop', color: style('--text'), fontSize: 10}, lineStyle: {color: own, type, width}});
  return {symbol: 'none', precision: 15, data: [
    ...steps.map(step => line({yAxis: step.value}, color(step.color), text(field.display(step.value)), 'dashed', 1)),
    ...annotations.map(({time, text: what, color: own}) => line({xAxis: time, name: what}, own, what, 'solid', 1.5)),
  ]};
}

// ---- charts --------------------------------------------------------------------------------------

function drawTimeSeries(context) {
  const {panel, frames, annotations, range} = context;
  const list = seriesOf(frames).filter(({time}) => time);
  const axes = axesOf(list);
  const isStacked = ({custom}) => custom.stacking?.mode === 'normal';
  const isBars = ({custom}) => custom.drawStyle === 'bars';
  const series = list.map((one, index) => {
    const {field, time, custom, name} = one;
    const fill = (custom.fillOpacity ?? 0) / 100;
    return {
      name, type: isBars(one) ? 'bar' : custom.drawStyle === 'points' ? 'scatter' : 'line', yAxisIndex: axes.indexOf(one), color: seriesColor(field),
      // What is stacked needs a value of every series at every instant.
      data: time.values.map((at, row) => [at, isSymlog(custom) ? compressed(field.values[row]) : isStacked(one) ? field.values[row] ?? 0 : field.values[row], field.values[row]]),
      encode: {x: 0, y: 1, tooltip: 2}, tooltip: {valueFormatter: value => written(field, value)},
      showSymbol: custom.showPoints === 'always' || field.values.filter(value => value !== null).length === 1, symbolSize: custom.pointSize ?? 5,
      step: {stepAfter: 'end', stepBefore: 'start'}[custom.lineInterpolation] ?? false,
      // A series has a row where any other has one; a gap is where it has none between two of its own instants.
      connectNulls: custom.spanNulls === true,
      lineStyle: {width: custom.lineWidth ?? 1.5, type: {dash: 'dashed', dot: 'dotted'}[custom.lineStyle?.fill] ?? 'solid'},
      areaStyle: !isBars(one) && fill > 0 && !custom.fillBelowTo ? {opacity: fill} : undefined,
      itemStyle: isBars(one) ? {opacity: Math.max(0.6, fill)} : undefined, barMaxWidth: 24,
      stack: isStacked(one) ? 'stack' : undefined, markLine: index === 0 ? markLines(one, annotations) : undefined,
    };
  });
  const bands = list.flatMap((upper, index) => bandOf(upper, list.find(({name}) => name === upper.custom.fillBelowTo), series[index]));
  const yAxis = axes.all.map(axis => ({...valueAxis(axis, isBars(axis) || isStacked(axis)), position: axis.index === 0 && axis.custom.axisPlacement !== 'right' ? 'left' : 'right'}));
  const legend = legendOf(panel, list.filter(({custom}) => !custom.hideFrom?.legend).map(({name}) => name));
  // A bar stands around its instant: half of the first and of the last one lies outside of the range.
  const instants = [...new Set(list.filter(isBars).flatMap(({time}) => time.values))].sort((a, b) => a - b);
  const gaps = instants.slice(1).map((at, index) => at - instants[index]);
  // How long the interval of a single bar is, the rows do not say.
  const margin = instants.length > 0 ? Math.min(...gaps, (range.to - range.from) / (gaps.length > 0 ? 1 : 30)) / 2 : 0;
  chart(context, {
    grid: gridOf(legend, yAxis.some(({name}) => name) ? 30 : 12), tooltip: {trigger: 'axis'}, legend, yAxis, series: [...series, ...bands],
    xAxis: {type: 'time', min: Math.min(range.from, ...instants.slice(0, 1)) - margin, max: range.to + margin, axisLabel: axisText(), splitLine: {show: false}},
  });
}

const isSymlog = custom => custom.scaleDistribution?.type === 'symlog';

/** Linear up to 1, then one step for each power of ten; on both sides of zero. */
function compressed(value) {
  return value === null || Math.abs(value) < 1 ? value : Math.sign(value) * (1 + Math.log10(Math.abs(value)));
}

function unfolded(value) {
  return Math.abs(value) < 1 ? value : Math.sign(value) * 10 ** (Math.abs(value) - 1);
}

/** The area between a series and the one that its fillBelowTo names: a confidence band. */
function bandOf({field, time, name, custom}, below, {yAxisIndex, color: fill}) {
  if (!below) {
    return [];
  }
  const lower = new Map(below.time.values.map((at, row) => [at, below.field.values[row]]));
  const rows = time.values.map((at, row) => [at, field.values[row], lower.get(at) ?? null]).filter(row => !row.includes(null));
  return [{
    name: `${name} band`, type: 'custom', silent: true, tooltip: {show: false}, yAxisIndex, clip: true, z: 1, encode: {x: [0, 3], y: [1, 2, 4, 5]},
    data: rows.slice(1).map((row, index) => [...rows[index], ...row]),
    renderItem: (params, api) => {
      const corner = (x, y) => api.coord([api.value(x), api.value(y)]);
      return {type: 'polygon', shape: {points: [corner(0, 1), corner(3, 4), corner(3, 5), corner(0, 2)]}, style: {fill, opacity: (custom.fillOpacity || 15) / 100}};
    },
  }];
}

function drawBarChart(context) {
  const {panel, frames: [frame]} = context;
  const category = frame.fields.find(({name}) => name === panel.options?.xField) ?? frame.fields.find(({type}) => type !== 'number');
  const list = seriesOf([frame]);
  const axes = axesOf(list);
  const horizontal = panel.options?.orientation === 'horizontal';
  const names = category.values.map(value => value === '' ? '(none)' : written(category, value));
  const categories = {type: 'category', data: names, inverse: horizontal, axisLabel: {...axisText(), interval: horizontal ? 0 : 'auto', width: horizontal ? Math.min(160, context.body.clientWidth / 3) : undefined, overflow: 'break'}};
  const values = axes.all.map(axis => valueAxis(axis, true));
  const legend = legendOf(panel, list.map(({name}) => name));
  chart(context, {
    grid: {...gridOf(legend), right: 30}, legend, tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}},
    xAxis: horizontal ? values : categories, yAxis: horizontal ? categories : values,
    series: list.map((one, index) => ({
      name: one.name, type: 'bar', stack: (panel.options?.stacking ?? 'none') === 'none' ? undefined : 'stack', barMaxWidth: 36, [horizontal ? 'xAxisIndex' : 'yAxisIndex']: axes.indexOf(one),
      color: seriesColor(one.field), data: one.field.values, tooltip: {valueFormatter: value => written(one.field, value)},
      label: {show: panel.options?.showValue === 'always', position: horizontal ? 'right' : 'top', fontSize: 11, color: style('--text'), formatter: ({value}) => written(one.field, value)},
      markLine: index === 0 && !horizontal ? markLines(one, []) : undefined,
    })),
  });
}

/** Rows are the series' names, in the order of the query; a cell's colour is its value. */
function drawHeatmap(context) {
  const {panel, frames: [frame]} = context;
  const list = seriesOf([frame]);
  const times = timeOf(frame).values;
  const cells = list.flatMap(({field}, row) => field.values.map((value, at) => [at, row, value])).filter(([, , value]) => value);
  const most = Math.max(1, ...cells.map(([, , value]) => value));
  const [{field}] = list;
  const soft = style('--soft');
  chart(context, {
    grid: {left: 8, right: 34, top: 10, bottom: 40, containLabel: true},
    tooltip: {formatter: ({value: [at, row, value]}) => `${clock(times[at])} · ${list[row].name}: <b>${written(list[row].field, value)}</b>`},
    xAxis: {type: 'category', data: times.map(at => clock(at).slice(5)), axisLabel: axisText()},
    yAxis: {type: 'category', data: list.map(({name}) => name), axisLabel: axisText(), name: panel.options?.yAxis?.axisLabel ?? ''},
    visualMap: {min: 0, max: most, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 10, text: [written(field, most), '0'], textStyle: {fontSize: 10, color: soft}, inRange: {color: scheme(panel.options.color.scheme)}},
    series: [{type: 'heatmap', data: cells, tooltip: {valueFormatter: value => written(field, value)}, itemStyle: {borderColor: style('--card'), borderWidth: 0.5}}],
  });
}

function drawStateTimeline(context) {
  const {frames, range} = context;
  const tracks = frames.flatMap(frame => frame.fields.filter(field => field.type !== 'time').map(field => ({field, time: timeOf(frame)})));
  const spans = tracks.flatMap(({field, time}, track) => {
    const starts = time.values.map((from, row) => ({from, row})).filter(({row}) => row === 0 || field.values[row] !== field.values[row - 1]);
    return starts.map(({from, row}, index) => {
      const shown = field.display(field.values[row]);
      return {track, from, to: starts[index + 1]?.from ?? range.to, text: text(shown), color: shown.color};
    });
  });
  chart(context, {
    grid: {left: 8, right: 16, top: 8, bottom: 6, containLabel: true},
    tooltip: {formatter: ({dataIndex}) => `${nameOf(tracks[spans[dataIndex].track].field)}: <b>${spans[dataIndex].text}</b><br>${clock(spans[dataIndex].from)} to ${clock(spans[dataIndex].to)}`},
    xAxis: {type: 'time', min: range.from, max: range.to, axisLabel: axisText()},
    yAxis: {type: 'category', data: tracks.map(({field}) => nameOf(field)), inverse: true, axisLabel: axisText()},
    series: [{type: 'custom', clip: true, encode: {x: [1, 2], y: 0},
      data: spans.map(span => ({name: span.text, value: [span.track, span.from, span.to], itemStyle: {color: span.color}})),
      renderItem: (params, api) => {
        const span = spans[params.dataIndex];
        const start = api.coord([api.value(1), api.value(0)]);
        const end = api.coord([api.value(2), api.value(0)]);
        const height = api.size([0, 1])[1] * 0.7;
        const shape = echarts.graphic.clipRectByRect({x: start[0], y: start[1] - height / 2, width: Math.max(1, end[0] - start[0]), height}, params.coordSys);
        return shape && {type: 'rect', shape, style: {fill: span.color}, textContent: {style: {text: span.text, fill: contrasting(span.color), fontSize: 11, width: shape.width - 8, overflow: 'truncate'}}, textConfig: {position: 'inside'}};
      }}],
  });
}

/** Black or white, whichever is easier to read on a colour: the one with the greater ratio of luminances. */
function contrasting(hex) {
  const [r, g, b] = echarts.color.parse(hex).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

function drawBarGauge(context) {
  const items = valuesOf(context.panel, context.frames).map(({display, field}) => ({name: display.title, value: display.numeric, text: text(display), color: display.color, field}));
  const [{field}] = items;
  chart(context, {
    grid: {left: 8, right: 80, top: 6, bottom: 6, containLabel: true},
    xAxis: {type: 'value', show: false, min: Math.min(0, ...items.map(({value}) => value)), max: field.max},
    yAxis: {type: 'category', inverse: true, data: items.map(({name}) => name), axisLine: {show: false}, axisTick: {show: false}, axisLabel: {color: style('--text'), fontSize: 12, interval: 0, width: Math.min(180, context.body.clientWidth / 3), overflow: 'break'}},
    series: [{type: 'bar', barMaxWidth: 26, showBackground: true, backgroundStyle: {color: style('--faint')},
      data: items.map(({value, color: own}) => ({value, itemStyle: {color: own}})),
      label: {show: true, position: 'right', color: style('--text'), formatter: ({dataIndex}) => items[dataIndex].text}}],
    tooltip: {formatter: ({dataIndex}) => `${items[dataIndex].name}: <b>${items[dataIndex].text}</b>`},
  });
}

// ---- figures, tables, texts ----------------------------------------------------------------------

/** A colour beside a text: as the colour of letters many would be too faint to read. */
const mark = own => own === color('text') ? null : element('span', {class: 'mark', style: `background:${own}`});

function drawStat({panel, body, frames}) {
  dispose(panel);
  const items = valuesOf(panel, frames).map(({display}) => display);
  const named = items.length > 1 || ['value_and_name', 'name'].includes(panel.options?.textMode);
  body.replaceChildren(element('div', {class: panel.options?.orientation === 'horizontal' ? 'stats below' : 'stats'}, ...items.map(display => element('div', {class: 'stat', style: `--letters:${Math.max(4, text(display).length)}`},
    named ? element('div', {class: 'name', title: display.title}, display.title) : null,
    element('div', {class: 'value', 'data-color': display.color}, text(display)), mark(display.color)))));
}

function drawTable(context) {
  const {panel, body, frames: [{fields, length}]} = context;
  dispose(panel);
  const shown = fields.filter(({config}) => !config.custom?.hidden);
  const order = [...Array(length).keys()];
  const sort = panel.sorted ?? (panel.options?.sortBy?.[0] && {name: panel.options.sortBy[0].displayName, desc: panel.options.sortBy[0].desc});
  const by = sort && shown.find(field => nameOf(field) === sort.name);
  if (by) {
    order.sort((a, b) => {
      const [x, y] = [by.values[a], by.values[b]];
      return (sort.desc ? -1 : 1) * (x === y ? 0 : x === null ? -1 : y === null ? 1 : x < y ? -1 : 1);
    });
  }
  const isNumber = field => field.type === 'number' && !field.config.unit?.startsWith('dateTime');
  const header = shown.map(field => {
    const name = nameOf(field);
    const sorted = sort?.name === name ? (sort.desc ? 'descending' : 'ascending') : null;
    const button = element('button', {type: 'button'}, name + ({descending: ' ▾', ascending: ' ▴'}[sorted] ?? ''));
    button.addEventListener('click', () => {
      panel.sorted = {name, desc: sorted !== 'descending'};
      drawTable(context);
      body.querySelectorAll('th button')[shown.indexOf(field)].focus();
    });
    return element('th', {class: isNumber(field) ? 'number' : null, 'aria-sort': sorted, 'data-name': name}, button);
  });
  const rows = order.map(row => element('tr', {}, ...shown.map(field => {
    const display = field.display(field.values[row]);
    const link = linkOf(context, field, row, fields);
    const colored = (field.config.custom?.cellOptions?.type ?? 'auto') !== 'auto';
    return element('td', {class: isNumber(field) ? 'number' : field.type === 'time' ? 'time' : null, title: text(display), 'data-color': colored ? display.color : null},
      colored ? mark(display.color) : null, link ? element('a', link, text(display)) : text(display));
  })));
  body.replaceChildren(element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': panel.title},
    element('table', {}, element('thead', {}, element('tr', {}, ...header)), element('tbody', {}, ...rows))));
}

/** A data link of a value, with the placeholders that dashboards use. */
function linkOf({range, url, variables}, field, row, fields) {
  const link = field.config.links?.[0];
  if (!link) {
    return null;
  }
  const cell = name => fields.find(other => other.name === name)?.values[row] ?? '';
  const href = link.url
    .replace(/\$\{__value\.(?:raw|text)\}/g, () => encodeURIComponent(field.values[row] ?? ''))
    .replace(/\$\{__data\.fields(?:\.(\w+)|\["([^"]+)"\])\}/g, (_, a, b) => encodeURIComponent(cell(a ?? b)))
    .replace(/\$\{__url_time_range\}/g, () => `from=${range.from}&to=${range.to}`)
    .replace(/\$\{__all_variables\}/g, () => [...url].filter(([name]) => name.startsWith('var-')).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'))
    .replace(/\$\{(\w+):queryparam\}/g, (_, name) => (variables.find(variable => variable.name === name)?.chosen ?? []).map(value => `var-${name}=${encodeURIComponent(value)}`).join('&'));
  return {href, title: link.title};
}

/** Paragraphs, list items and links of Markdown: what the dashboards' texts use. */
function drawText({panel, body}) {
  const blocks = (panel.options?.content ?? '').split(/\n\s*\n/).map(block => {
    const lines = block.split('\n').filter(line => line.trim());
    return lines.every(line => line.startsWith('- '))
      ? element('ul', {}, ...lines.map(line => element('li', {}, ...inline(line.slice(2)))))
      : element('p', {}, ...inline(lines.join(' ')));
  });
  body.replaceChildren(element('div', {class: 'text', tabindex: 0, role: 'region', 'aria-label': panel.title}, ...blocks));
}

function inline(markdown) {
  return markdown.split(/(\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map(part => {
    const bold = /^\*\*(.*)\*\*$/.exec(part);
    const link = /^\[(.*)\]\((.*)\)$/.exec(part);
    return bold ? element('b', {}, bold[1]) : link ? element('a', {href: link[2]}, link[1]) : part;
  });
}

export const DRAW = {
  timeseries: drawTimeSeries, barchart: drawBarChart, heatmap: drawHeatmap, 'state-timeline': drawStateTimeline,
  stat: drawStat, bargauge: drawBarGauge, table: drawTable, text: drawText,
};
