'use strict';
// Draws Grafana's classic dashboard JSON with ECharts. One function a panel type, at the end.

const ALL = '$__all';
const page = {
  uid: location.pathname.startsWith('/d/') ? location.pathname.slice(3) : null,
  url: new URLSearchParams(location.search),
  dashboard: null,
  variables: [],
  range: null,
  charts: new Map(),
  timer: null,
  drawing: 0,
};

const byId = id => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

async function fetchJson(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error || response.statusText);
  }
  return body;
}

// ---- page -------------------------------------------------------------------------------------

async function start() {
  const [list, dashboard] = await Promise.all([
    fetchJson('/api/dashboards'), page.uid === null ? null : fetchJson(`/api/dashboards/${page.uid}`)]);
  for (const {uid, title} of list) {
    byId('dashboards').append(
        element('a', {href: address(uid), 'aria-current': uid === page.uid ? 'page' : null}, title));
  }
  wireRange();
  if (page.uid === null) {
    showIndex(list);
    return;
  }
  page.dashboard = dashboard;
  document.title = `${page.dashboard.title} · Heed preview`;
  byId('title').textContent = page.dashboard.title;
  byId('description').textContent = page.dashboard.description || '';
  if (!page.url.has('refresh') && page.dashboard.refresh) {
    page.url.set('refresh', page.dashboard.refresh);
  }
  layOut();
  await refresh();
}

function showIndex(list) {
  byId('title').textContent = 'Dashboards';
  byId('range').hidden = true;
  const cards = list.map(({uid, title, description}) =>
    element('a', {href: address(uid)}, element('b', {}, title), description));
  byId('grid').append(element('div', {class: 'cards'}, ...cards));
}

/** The address of a dashboard that keeps the range and the variables of this one. */
function address(uid, variables = true) {
  const kept = new URLSearchParams();
  for (const [name, value] of page.url) {
    if (['from', 'to', 'refresh'].includes(name) || (variables && name.startsWith('var-'))) {
      kept.append(name, value);
    }
  }
  const query = kept.toString();
  return `/d/${uid}${query ? '?' + query : ''}`;
}

function setUrl(change) {
  change(page.url);
  history.replaceState(null, '', `${location.pathname}?${page.url}`);
  for (const link of byId('dashboards').children) {
    link.href = address(new URL(link.href).pathname.slice(3));
  }
}

function wireRange() {
  const form = byId('range');
  const custom = form.querySelector('.custom');
  form.addEventListener('submit', event => {
    event.preventDefault();
    const millis = name => Date.parse(form.elements[name].value + 'Z');
    if (millis('from') < millis('to')) {
      setUrl(url => { url.set('from', millis('from')); url.set('to', millis('to')); });
      refresh();
    }
  });
  form.elements.preset.addEventListener('change', () => {
    const preset = form.elements.preset.value;
    custom.hidden = preset !== 'custom';
    if (preset !== 'custom') {
      setUrl(url => { url.set('from', preset); url.set('to', 'now'); });
      refresh();
    }
  });
  form.elements.refresh.addEventListener('change', () => {
    setUrl(url => url.set('refresh', form.elements.refresh.value));
    schedule();
  });
}

function showRange() {
  const form = byId('range');
  const from = page.url.get('from') || page.dashboard.time?.from || 'now-30d';
  const known = [...form.elements.preset.options].some(option => option.value === from);
  form.elements.preset.value = known ? from : 'custom';
  form.querySelector('.custom').hidden = known;
  form.elements.from.value = new Date(page.range.from).toISOString().slice(0, 16);
  form.elements.to.value = new Date(page.range.to).toISOString().slice(0, 16);
  form.elements.refresh.value = page.url.get('refresh') || '';
}

function schedule() {
  clearTimeout(page.timer);
  const match = /^(\d+)(s|m)$/.exec(page.url.get('refresh') || '');
  if (match) {
    page.timer = setTimeout(refresh, match[1] * (match[2] === 's' ? 1000 : 60000));
  }
}

function message(text) {
  byId('message').hidden = !text;
  byId('message').textContent = text || '';
}

async function refresh() {
  clearTimeout(page.timer);
  const drawing = ++page.drawing;
  try {
    const resolved = await fetchJson(`/api/dashboards/${page.uid}/variables?${page.url}`);
    if (drawing !== page.drawing) {
      return;
    }
    page.range = {from: resolved.from, to: resolved.to};
    page.variables = resolved.variables;
    showRange();
    showVariables();
    showLinks();
    const annotations = annotationsOf();
    await Promise.all([annotations, ...panels().map(panel => drawPanel(panel, annotations, drawing))]);
    message('');
    document.body.dataset.drawn = String(drawing);
    document.body.dataset.drawnMillis ??= String(Math.round(performance.now()));
  } catch (error) {
    message(`${error.message}. The page tries again by itself if a refresh is set.`);
  }
  schedule();
}

function showVariables() {
  const form = byId('variables');
  const open = form.querySelector('details[open]')?.dataset.name;
  form.replaceChildren(...page.variables.map(variable =>
    element(variable.multi ? 'div' : 'label', {class: 'variable'}, variable.label, variable.multi ? ticks(variable, open) : list(variable))));
}

function choose(variable, values) {
  setUrl(url => {
    url.delete(`var-${variable.name}`);
    values.forEach(value => url.append(`var-${variable.name}`, value));
  });
  refresh();
}

/** One of several. */
function list(variable) {
  const select = element('select', {name: variable.name}, ...variable.options.map(({text, value}) =>
    element('option', {value, selected: variable.chosen.includes(value)}, text || '(none)')));
  select.addEventListener('change', () => choose(variable, [select.value]));
  return select;
}

/** Any of several. "All" takes the place of the others, and comes back when none is left. */
function ticks(variable, open) {
  const boxes = variable.options.map(({text, value}) => {
    const box = element('input', {type: 'checkbox', value, checked: variable.chosen.includes(value)});
    box.addEventListener('change', () => {
      const others = variable.chosen.filter(other => other !== value && other !== ALL);
      choose(variable, !box.checked ? others : value === ALL ? [ALL] : [...others, value]);
    });
    return element('label', {}, box, text || '(none)');
  });
  return element('details', {'data-name': variable.name, open: variable.name === open},
    element('summary', {title: chosenText(variable)}, chosenText(variable)), element('div', {}, ...boxes));
}

function showLinks() {
  byId('links').replaceChildren(...(page.dashboard.links || [])
    .filter(link => link.type === 'link')
    .map(link => element('a', {href: followed(link.url, link), title: link.tooltip}, link.title)));
}

/** A link's address; dashboards keep range and variables where the file says so. */
function followed(url, link) {
  const match = /^\/d\/([\w-]+)/.exec(url);
  return match && (link.keepTime || link.includeVars) ? address(match[1], link.includeVars) : url;
}

// ---- panels -----------------------------------------------------------------------------------

function panels() {
  return page.dashboard.panels.flatMap(panel => panel.type === 'row' ? panel.panels || [] : [panel]);
}

function layOut() {
  for (const panel of page.dashboard.panels.flatMap(p => [p, ...(p.panels || [])])) {
    const {x, y, w, h} = panel.gridPos;
    const place = `grid-column:${x + 1}/span ${w};grid-row:${y + 1}/span ${h}`;
    if (panel.type === 'row') {
      byId('grid').append(element('div', {class: 'row', style: place}, panel.title));
      continue;
    }
    byId('grid').append(element('section', {class: 'panel', id: `panel-${panel.id}`, style: place},
      element('h2', {},
        element('span', {class: 'name'}, panel.title),
        panel.description ? element('span', {class: 'info', title: panel.description}, 'i') : null),
      element('div', {class: 'body'})));
  }
  new ResizeObserver(() => page.charts.forEach(chart => chart.resize())).observe(byId('grid'));
}

async function drawPanel(panel, annotations, drawing) {
  const section = byId(`panel-${panel.id}`);
  const body = section.querySelector('.body');
  section.querySelector('.name').textContent = interpolated(panel.title);
  try {
    const [results, marks] = await Promise.all([panel.type === 'text' ? [] : resultsOf(panel, body), annotations]);
    if (drawing !== page.drawing) {
      return;
    }
    const failed = results.find(result => result.error);
    if (failed) {
      throw new Error(failed.error);
    }
    const frames = results.flatMap(framesOf);
    const draw = DRAW[panel.type];
    if (!draw) {
      throw new Error(`the preview does not draw panels of type ${panel.type}`);
    }
    if (panel.type !== 'text' && frames.every(frame => frame.length === 0)) {
      dispose(panel);
      const text = panel.fieldConfig?.defaults?.noValue || 'Nothing in this range.';
      body.replaceChildren(element('div', {class: 'empty'}, text));
      return;
    }
    draw({panel, body, frames, annotations: marks});
  } catch (error) {
    dispose(panel);
    body.replaceChildren(element('div', {class: 'error'}, error.message));
  }
}

function resultsOf(panel, body) {
  const query = new URLSearchParams(page.url);
  query.set('points', Math.round(Math.max(60, body.clientWidth / 4)));
  return fetchJson(`/api/dashboards/${page.uid}/panels/${panel.id}?${query}`);
}

function dispose(panel) {
  page.charts.get(panel.id)?.dispose();
  page.charts.delete(panel.id);
}

function chart({panel, body}, option) {
  let drawn = page.charts.get(panel.id);
  if (!drawn || !body.querySelector('.chart')) {
    dispose(panel);
    const div = element('div', {class: 'chart'});
    body.replaceChildren(div);
    drawn = echarts.init(div, null, {renderer: 'canvas'});
    page.charts.set(panel.id, drawn);
  }
  drawn.setOption({animation: false, textStyle: {fontFamily: 'inherit'}, ...option}, true);
  return drawn;
}

function interpolated(text) {
  return text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (whole, a, b) => {
    const variable = page.variables.find(v => v.name === (a || b));
    return variable ? chosenText(variable) : whole;
  });
}

function chosenText(variable) {
  return variable.chosen
    .map(value => variable.options.find(option => option.value === value)?.text ?? value)
    .join(' + ');
}

async function annotationsOf() {
  const list = page.dashboard.annotations?.list || [];
  if (!list.some(annotation => annotation.target?.rawSql)) {
    return [];
  }
  const results = await fetchJson(`/api/dashboards/${page.uid}/annotations?${page.url}`);
  return results.filter(result => !result.error).flatMap(result => {
    const definition = list.find(annotation => annotation.name === result.name);
    const names = result.columns.map(column => column.name);
    return result.rows.map(row => {
      const get = name => names.includes(name) ? row[names.indexOf(name)] : undefined;
      return {time: instant(get('time')), text: get('text') ?? get('title') ?? result.name,
        color: colorOf(definition?.iconColor || 'blue')};
    });
  });
}

// ---- data -------------------------------------------------------------------------------------

function instant(value) {
  return typeof value === 'number' ? value : Date.parse(String(value).replace(' ', 'T') + (String(value).length > 10 ? 'Z' : ''));
}

function kindOf(type) {
  const inner = type.replace(/^(Nullable|LowCardinality)\((.*)\)$/, '$2').replace(/^Nullable\((.*)\)$/, '$1');
  if (/^Date/.test(inner)) {
    return 'time';
  }
  return /^(U?Int|Float|Decimal)/.test(inner) ? 'number' : 'string';
}

/** Frames of fields {name, kind, values, labels}; long time series become one frame a series, as the data source makes them. */
function framesOf(result) {
  const fields = result.columns.map(({name, type}, index) => {
    const kind = kindOf(type);
    const read = kind === 'time' ? instant : kind === 'number' ? Number : value => Array.isArray(value) ? value.join(', ') : value;
    return {name, kind, labels: {}, refId: result.refId,
      values: result.rows.map(row => row[index] === null ? null : read(row[index]))};
  });
  const time = fields.find(field => field.kind === 'time');
  const labels = fields.filter(field => field.kind === 'string');
  const numbers = fields.filter(field => field.kind === 'number');
  if (!result.timeSeries || !time || labels.length === 0) {
    return [frame(fields)];
  }
  const groups = new Map();
  time.values.forEach((at, row) => {
    const key = labels.map(label => label.values[row]).join('\u0000');
    if (!groups.has(key)) {
      groups.set(key, []);
    }
    groups.get(key).push(row);
  });
  return [...groups.values()].map(rows => {
    const pick = field => rows.map(row => field.values[row]);
    const shared = Object.fromEntries(labels.map(label => [label.name, label.values[rows[0]]]));
    const series = numbers.map(field => ({...field, values: pick(field), labels: shared,
      name: numbers.length === 1 ? Object.values(shared).join(' ') || field.name
        : `${field.name} ${Object.values(shared).join(' ')}`}));
    return frame([{...time, values: pick(time)}, ...series]);
  });
}

function frame(fields) {
  return {fields, length: fields[0]?.values.length ?? 0};
}

const REDUCE = {
  lastNotNull: values => values.filter(v => v !== null).at(-1) ?? null,
  last: values => values.at(-1) ?? null,
  firstNotNull: values => values.find(v => v !== null) ?? null,
  first: values => values[0] ?? null,
  sum: values => values.reduce((sum, v) => sum + (v ?? 0), 0),
  mean: values => { const v = values.filter(x => x !== null); return v.length ? REDUCE.sum(v) / v.length : null; },
  max: values => values.reduce((max, v) => v === null ? max : max === null ? v : Math.max(max, v), null),
  min: values => values.reduce((min, v) => v === null ? min : min === null ? v : Math.min(min, v), null),
  count: values => values.length,
};

// ---- field configuration ------------------------------------------------------------------------

/** What holds for one field: defaults, then each override that matches. */
function configOf(panel, field) {
  const {defaults = {}, overrides = []} = panel.fieldConfig || {};
  const config = {...defaults, custom: {...(defaults.custom || {})}};
  for (const {matcher, properties} of overrides) {
    if (matches(matcher, field)) {
      for (const {id, value} of properties) {
        if (id.startsWith('custom.')) {
          config.custom[id.slice(7)] = value;
        } else {
          config[id] = value;
        }
      }
    }
  }
  return config;
}

function matches({id, options}, field) {
  switch (id) {
    case 'byName': return options === field.name;
    case 'byRegexp': return pattern(options).test(field.name);
    case 'byType': return options === field.kind;
    case 'byFrameRefID': return options === field.refId;
    default: throw new Error(`the preview knows no matcher ${id}`);
  }
}

function pattern(text) {
  const match = /^\/(.*)\/(\w*)$/.exec(text);
  return match ? new RegExp(match[1], match[2]) : new RegExp(text);
}

const COLORS = {
  green: '#56a64b', 'dark-green': '#37872d', 'semi-dark-green': '#37872d', 'light-green': '#73bf69', 'super-light-green': '#96d98d',
  yellow: '#e0b400', 'dark-yellow': '#b58900', 'semi-dark-yellow': '#cc9d00', 'light-yellow': '#fade2a',
  orange: '#ff780a', 'dark-orange': '#c45500', 'semi-dark-orange': '#fa6400', 'light-orange': '#ff9830',
  red: '#e02f44', 'dark-red': '#ad0317', 'semi-dark-red': '#c4162a', 'light-red': '#f2495c',
  blue: '#3274d9', 'dark-blue': '#1250b0', 'semi-dark-blue': '#1f60c4', 'light-blue': '#5794f2', 'super-light-blue': '#8ab8ff',
  purple: '#a352cc', 'dark-purple': '#7c2ea3', 'semi-dark-purple': '#8f3bb8', 'light-purple': '#b877d9',
  gray: '#8e8e96', text: '#1d2330', transparent: 'transparent', white: '#ffffff', black: '#000000',
};
const PALETTE = [
  '#3274d9', '#e0752d', '#56a64b', '#a352cc', '#e0b400', '#1f9e9e', '#c2528b', '#705da0', '#7a5c3e', '#5794f2', '#96b86a', '#d683ce',
  '#0a50a1', '#b5651d', '#2f6b3a', '#6d1f62', '#a68a00', '#0f6674', '#99440a', '#4d6fb3', '#85b24a', '#b35d9e', '#5c6b7a', '#c98a5a',
];

function colorOf(name) {
  return COLORS[name] || name;
}

/**
 * The same name has the same colour on every page: the one of its hash, or the next that no other
 * name has. What a name got is kept.
 */
const nameColors = JSON.parse(localStorage.getItem('colors') || '{}');

function colorByName(name) {
  if (nameColors[name] === undefined) {
    let hash = 0x811c9dc5;
    for (const c of name) {
      hash = Math.imul(hash ^ c.codePointAt(0), 0x01000193) >>> 0;
    }
    const taken = new Set(Object.values(nameColors));
    // The first dozen are easier to distinguish.
    const free = [12, PALETTE.length]
      .flatMap(size => PALETTE.slice(0, size).map((_, i) => (hash + i) % size))
      .find(i => !taken.has(i));
    nameColors[name] = free ?? hash % PALETTE.length;
    localStorage.setItem('colors', JSON.stringify(nameColors));
  }
  return PALETTE[nameColors[name]];
}

function seriesColor(config, name, index, value) {
  switch (config.color?.mode) {
    case 'fixed': return colorOf(config.color.fixedColor);
    case 'thresholds': return thresholdColor(config, value);
    case 'palette-classic-by-name': return colorByName(name);
    default: return PALETTE[index % PALETTE.length];
  }
}

function thresholdColor(config, value) {
  const steps = config.thresholds?.steps || [];
  let color = 'text';
  for (const step of steps) {
    if (step.value === null || step.value === undefined || (value !== null && value >= step.value)) {
      color = step.color;
    }
  }
  return colorOf(color);
}

function mapped(config, value) {
  for (const {type, options} of config.mappings || []) {
    if (type === 'value' && options[value] !== undefined) {
      return options[value];
    }
    if (type === 'range' && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) {
      return options.result;
    }
    if (type === 'special' && options.match === 'null' && value === null) {
      return options.result;
    }
  }
  return null;
}

const MAGNITUDES = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']];

function number(value, decimals) {
  const digits = decimals ?? (Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 1 ? 2 : 4);
  return value.toLocaleString('en-US', {minimumFractionDigits: decimals ?? 0, maximumFractionDigits: digits});
}

function scaled(value, decimals) {
  for (const [size, letter] of MAGNITUDES) {
    if (Math.abs(value) >= size) {
      return number(value / size, decimals) + ' ' + letter;
    }
  }
  return number(value, decimals);
}

const SECONDS = {ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400, dtdurations: 1, dtdurationms: 1e-3};

function duration(seconds, decimals) {
  const size = Math.abs(seconds);
  if (size === 0) {
    return '0 s';
  }
  const [per, unit] = size < 1 ? [1e-3, 'ms'] : size < 60 ? [1, 's'] : size < 3600 ? [60, 'min'] : size < 86400 ? [3600, 'h'] : [86400, 'd'];
  return `${number(seconds / per, decimals ?? (size / per >= 100 ? 0 : 1))} ${unit}`;
}

/** A value with its unit, by the units that dashboards use; an unknown one is an error. */
function formatted(value, config) {
  const mapping = mapped(config, value);
  if (mapping?.text !== undefined) {
    return mapping.text;
  }
  if (value === null || value === undefined || Number.isNaN(value)) {
    return config.noValue ?? '–';
  }
  if (typeof value !== 'number') {
    return String(value);
  }
  const {unit = 'none', decimals} = config;
  // On an axis, digits without information are left out.
  const digits = decimals ?? (config.axis ? undefined : 2);
  if (unit in SECONDS) {
    return duration(value * SECONDS[unit], decimals);
  }
  if (unit.startsWith('suffix:')) {
    return number(value, decimals) + unit.slice(7);
  }
  switch (unit) {
    case 'none': case 'locale': case 'string': return number(value, decimals);
    case 'short': return scaled(value, decimals);
    case 'percent': return number(value, digits) + ' %';
    case 'percentunit': return number(value * 100, digits) + ' %';
    case 'currencyUSD': return (value < 0 ? '-$' : '$') + (Math.abs(value) >= 1e5 && decimals === undefined ? scaled(Math.abs(value)) : number(Math.abs(value), digits));
    case 'decbytes': case 'bytes': return scaled(value, decimals) + 'B';
    case 'reqps': case 'ops': case 'cps': return scaled(value, decimals) + '/s';
    case 'dateTimeAsIso': return clock(value, 16);
    case 'dateTimeFromNow': return duration((Date.now() - value) / 1000) + ' ago';
    default: throw new Error(`the preview knows no unit ${unit}`);
  }
}

function clock(millis, length = 16) {
  return new Date(millis).toISOString().slice(0, length).replace('T', ' ');
}

function shown(field, config, value) {
  return field.kind === 'time' && value !== null ? clock(value, 16) : formatted(value, config);
}

/** A data link of a value, with the placeholders that dashboards use. */
function linkOf(config, field, row, fields) {
  const link = (config.links || [])[0];
  if (!link) {
    return null;
  }
  const cell = name => fields.find(f => f.name === name)?.values[row] ?? '';
  const url = link.url
    .replace(/\$\{__value\.(?:raw|text)\}/g, () => encodeURIComponent(field.values[row] ?? ''))
    .replace(/\$\{__data\.fields(?:\.(\w+)|\["([^"]+)"\])\}/g, (_, a, b) => encodeURIComponent(cell(a || b)))
    .replace(/\$\{__url_time_range\}/g, () => `from=${page.range.from}&to=${page.range.to}`)
    .replace(/\$\{__all_variables\}/g, () => [...page.url].filter(([n]) => n.startsWith('var-')).map(([n, v]) => `${n}=${encodeURIComponent(v)}`).join('&'))
    .replace(/\$\{(\w+):queryparam\}/g, (_, name) => (page.variables.find(v => v.name === name)?.chosen || []).map(v => `var-${name}=${encodeURIComponent(v)}`).join('&'));
  return {url, title: link.title};
}

// ---- drawing ----------------------------------------------------------------------------------

function numberFields(context) {
  const list = [];
  context.frames.forEach(data => {
    const time = data.fields.find(field => field.kind === 'time');
    data.fields.filter(field => field.kind === 'number').forEach(field => {
      const config = configOf(context.panel, field);
      if (!config.custom.hideFrom?.viz) {
        list.push({field, time, config, name: config.displayName || field.name});
      }
    });
  });
  return list;
}

function thresholdLines(config) {
  const mode = config.custom.thresholdsStyle?.mode || 'off';
  const steps = (config.thresholds?.steps || []).filter(step => step.value !== null && step.value !== undefined);
  if (mode === 'off' || steps.length === 0) {
    return null;
  }
  // ECharts would round to two places, and a small threshold to nothing.
  return {silent: true, symbol: 'none', precision: 15, data: steps.map(step => ({yAxis: step.value,
    label: {formatter: formatted(step.value, config), position: 'insideEndTop', color: colorOf(step.color), fontSize: 10},
    lineStyle: {color: colorOf(step.color), type: 'dashed', width: 1}}))};
}

function axisLabel(config) {
  return {formatter: value => formatted(value, {...config, mappings: [], decimals: undefined, axis: true}), color: '#667085', fontSize: 11, hideOverlap: true};
}

function legendOf(panel, names) {
  const shownLegend = panel.options?.legend?.showLegend !== false && names.length > 1;
  return shownLegend ? {show: true, type: 'scroll', bottom: 0, left: 8, itemWidth: 14, itemHeight: 8, textStyle: {fontSize: 11, color: '#667085'}, data: names} : {show: false};
}

function tooltip(lookup) {
  return {trigger: 'axis', confine: true, axisPointer: {type: 'line'}, textStyle: {fontSize: 12},
    formatter: points => {
      const box = element('div');
      const at = points[0].axisValue;
      box.append(element('div', {style: 'color:#667085'}, typeof at === 'number' ? clock(at) : String(at)));
      for (const point of points) {
        const config = lookup.get(point.seriesName);
        const value = Array.isArray(point.value) ? point.value.at(-1) : point.value;
        if (config && value !== null && value !== undefined) {
          box.append(element('div', {}, element('span', {style: `color:${point.color}`}, '● '), `${point.seriesName}: `, element('b', {}, formatted(value, config))));
        }
      }
      return box;
    }};
}

function drawTimeSeries(context) {
  const {panel, annotations} = context;
  const list = numberFields(context).filter(({time}) => time);
  const lookup = new Map();
  const axes = new Map();
  list.forEach(({config}) => {
    const key = `${config.unit || 'none'}|${config.custom.axisPlacement || 'auto'}`;
    if (!axes.has(key)) {
      axes.set(key, {config, index: axes.size});
    }
  });
  const isStacked = ({custom}) => custom.stacking?.mode === 'normal';
  // What is stacked needs a value of every series at every instant.
  const instants = [...new Set(list.filter(({config}) => isStacked(config)).flatMap(({time}) => time.values))].sort((a, b) => a - b);
  const series = list.map(({field, time, config, name}, index) => {
    lookup.set(name, config);
    const color = seriesColor(config, name, index, REDUCE.lastNotNull(field.values));
    const {custom} = config;
    const bars = custom.drawStyle === 'bars';
    const fill = (custom.fillOpacity ?? 0) / 100;
    const key = `${config.unit || 'none'}|${custom.axisPlacement || 'auto'}`;
    return {
      name, type: bars ? 'bar' : custom.drawStyle === 'points' ? 'scatter' : 'line',
      yAxisIndex: axes.get(key).index, color,
      data: points(field, time, config, isStacked(config) ? instants : null),
      showSymbol: custom.showPoints === 'always' || field.values.filter(v => v !== null).length === 1,
      symbolSize: custom.pointSize ?? 5,
      step: custom.lineInterpolation === 'stepAfter' ? 'end' : custom.lineInterpolation === 'stepBefore' ? 'start' : false,
      connectNulls: custom.spanNulls === true,
      lineStyle: {width: custom.lineWidth ?? 1.5, type: custom.lineStyle?.fill === 'dash' ? 'dashed' : custom.lineStyle?.fill === 'dot' ? 'dotted' : 'solid'},
      areaStyle: !bars && fill > 0 && !custom.fillBelowTo ? {opacity: fill} : undefined,
      itemStyle: bars ? {opacity: Math.max(0.6, fill)} : undefined,
      barMaxWidth: 24,
      stack: isStacked(config) ? 'stack' : undefined,
      markLine: index === 0 ? markLines(config, annotations) : undefined,
    };
  });
  list.forEach((upper, index) => addBand(series, list, upper, index));
  const yAxis = [...axes.values()].map(({config}, index) => ({
    type: config.custom.scaleDistribution?.type === 'log' ? 'log' : 'value',
    // A bar's length is its value, so its axis begins at zero.
    scale: config.min === undefined && config.custom.drawStyle !== 'bars' && !isStacked(config),
    min: config.min, max: config.max ?? (config.custom.axisSoftMax === undefined ? undefined : ({max}) => Math.max(max, config.custom.axisSoftMax)),
    name: config.custom.axisLabel || '', nameTextStyle: {color: '#667085', fontSize: 11, align: 'left'},
    position: index === 0 && config.custom.axisPlacement !== 'right' ? 'left' : 'right',
    minInterval: isSymlog(config) ? 1 : undefined,
    axisLabel: isSymlog(config) ? {...axisLabel(config), formatter: value => formatted(unfolded(value), {...config, decimals: undefined, axis: true})} : axisLabel(config),
    splitLine: {show: index === 0, lineStyle: {color: '#eef0f4'}}}));
  const named = yAxis.some(axis => axis.name);
  const legend = legendOf(panel, list.filter(({config}) => !config.custom.hideFrom?.legend).map(({name}) => name));
  chart(context, {
    grid: {left: 8, right: 16, top: named ? 30 : 12, bottom: legend.show ? 30 : 6, containLabel: true},
    tooltip: tooltip(lookup), legend, yAxis, series,
    xAxis: {type: 'time', min: page.range.from, max: page.range.to, axisLabel: {color: '#667085', fontSize: 11, hideOverlap: true}, splitLine: {show: false}}, useUTC: true,
  });
}

function points(field, time, config, instants) {
  const compress = isSymlog(config) ? compressed : value => value;
  if (instants === null) {
    return time.values.map((at, row) => [at, compress(field.values[row]), field.values[row]]);
  }
  const known = new Map(time.values.map((at, row) => [at, field.values[row]]));
  return instants.map(at => [at, known.get(at) ?? 0, known.get(at) ?? null]);
}

const isSymlog = ({custom}) => custom.scaleDistribution?.type === 'symlog';

/** Linear up to 1, then one step for each power of ten; on both sides of zero. */
function compressed(value) {
  return value === null || Math.abs(value) < 1 ? value : Math.sign(value) * (1 + Math.log10(Math.abs(value)));
}

function unfolded(value) {
  return Math.abs(value) < 1 ? value : Math.sign(value) * 10 ** (Math.abs(value) - 1);
}

function markLines(config, annotations) {
  const lines = thresholdLines(config) || {silent: false, symbol: 'none', data: []};
  const events = annotations.map(({time, text, color}) => ({xAxis: time, name: text,
    label: {formatter: text, fontSize: 10, color, position: 'insideEndTop'}, lineStyle: {color, type: 'solid', width: 1.5}}));
  return {...lines, data: [...lines.data, ...events]};
}

/** The area between a series and the one that its fillBelowTo names: a confidence band. */
function addBand(series, list, {field, time, config, name}, index) {
  const below = list.find(other => other.name === config.custom.fillBelowTo || other.field.name === config.custom.fillBelowTo);
  if (!below) {
    return;
  }
  const lower = new Map(below.time.values.map((at, row) => [at, below.field.values[row]]));
  const rows = time.values.map((at, row) => [at, field.values[row], lower.get(at)]).filter(row => row[1] !== null && row[2] !== null && row[2] !== undefined);
  series.push({
    name: `${name} band`, type: 'custom', silent: true, yAxisIndex: series[index].yAxisIndex, data: rows.slice(1).map((row, i) => [...rows[i], ...row]), clip: true, z: 1, encode: {x: [0, 3], y: [1, 2, 4, 5]},
    renderItem: (params, api) => {
      const corner = (x, y) => api.coord([api.value(x), api.value(y)]);
      return {type: 'polygon', shape: {points: [corner(0, 1), corner(3, 4), corner(3, 5), corner(0, 2)]}, style: {fill: series[index].color, opacity: (config.custom.fillOpacity || 15) / 100}};
    },
  });
}

function drawBarChart(context) {
  const {panel, frames} = context;
  const data = frames[0];
  const xName = panel.options?.xField;
  const category = data.fields.find(field => field.name === xName) || data.fields.find(field => field.kind !== 'number') || data.fields[0];
  const list = numberFields({...context, frames: [data]}).filter(({field}) => field !== category);
  const horizontal = panel.options?.orientation === 'horizontal';
  const lookup = new Map(list.map(({config, name}) => [name, config]));
  const names = category.values.map(value => category.kind === 'time' ? clock(value, 10) : value === '' ? '(none)' : String(value));
  const categories = {type: 'category', data: names, inverse: horizontal, axisLabel: {color: '#667085', fontSize: 11, hideOverlap: true, width: horizontal ? 160 : undefined, overflow: 'truncate'}};
  const units = [...new Map(list.map(({config}) => [config.unit || 'none', config])).entries()];
  const values = units.map(([, config], index) => ({type: 'value', min: config.min, max: config.max, axisLabel: axisLabel(config), splitLine: {show: index === 0, lineStyle: {color: '#eef0f4'}}, name: config.custom.axisLabel || ''}));
  const stack = panel.options?.stacking && panel.options.stacking !== 'none' ? 'stack' : undefined;
  const byPoint = list.length === 1 && panel.options?.colorByField;
  const legend = legendOf(panel, list.map(({name}) => name));
  chart(context, {
    grid: {left: 8, right: 24, top: 16, bottom: legend.show ? 30 : 6, containLabel: true}, legend, tooltip: {...tooltip(lookup), axisPointer: {type: 'shadow'}},
    xAxis: horizontal ? values : categories, yAxis: horizontal ? categories : values,
    series: list.map(({field, config, name}, index) => {
      const unit = units.findIndex(([key]) => key === (config.unit || 'none'));
      return {name, type: 'bar', stack, barMaxWidth: 36, [horizontal ? 'xAxisIndex' : 'yAxisIndex']: unit,
        data: field.values.map((value, row) => ({value, itemStyle: {color: byPoint ? colorByName(names[row]) : seriesColor(config, name, index, value)}})),
        color: seriesColor(config, name, index, null),
        label: {show: panel.options?.showValue === 'always', position: horizontal ? 'right' : 'top', fontSize: 11, formatter: ({value}) => formatted(value, config)},
        markLine: index === 0 && !horizontal ? thresholdLines(config) ?? undefined : undefined};
    }),
  });
}

/** Rows are the series' names, in the order of the query; a cell's colour is its value. */
function drawHeatmap(context) {
  const {panel, frames} = context;
  const list = numberFields(context).filter(({time}) => time);
  const rows = [...new Set(list.map(({name}) => name))];
  const times = [...new Set(frames.flatMap(data => data.fields.find(f => f.kind === 'time')?.values || []))].sort((a, b) => a - b);
  const cells = list.flatMap(({field, time, name}) => time.values.map((at, row) => [times.indexOf(at), rows.indexOf(name), field.values[row]]));
  const most = cells.reduce((max, cell) => Math.max(max, cell[2] ?? 0), 0);
  const config = list[0].config;
  chart(context, {
    grid: {left: 8, right: 34, top: 10, bottom: 40, containLabel: true},
    tooltip: {confine: true, formatter: ({value}) => `${clock(times[value[0]])} · ${rows[value[1]]}: <b>${formatted(value[2], config)}</b>`},
    xAxis: {type: 'category', data: times.map(at => clock(at, 16).slice(5)), axisLabel: {color: '#667085', fontSize: 11, hideOverlap: true}},
    yAxis: {type: 'category', data: rows, axisLabel: {color: '#667085', fontSize: 11}, name: panel.options?.yAxis?.axisLabel || ''},
    visualMap: {min: 0, max: most || 1, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 10, calculable: false, text: [formatted(most, config), '0'], textStyle: {fontSize: 10, color: '#667085'}, inRange: {color: ['#eef4ff', '#8ab8ff', '#3274d9', '#133a78']}},
    series: [{type: 'heatmap', data: cells.filter(cell => cell[2]), itemStyle: {borderColor: '#fff', borderWidth: 0.5}}],
  });
}

function drawStateTimeline(context) {
  const {panel, frames} = context;
  const tracks = frames.flatMap(data => {
    const time = data.fields.find(field => field.kind === 'time');
    return data.fields.filter(field => field !== time).map(field => ({field, time, config: configOf(panel, field)}));
  });
  const names = tracks.map(({field, config}) => config.displayName || field.name);
  const spans = tracks.flatMap(({field, time, config}, track) => {
    const merged = [];
    time.values.forEach((at, row) => {
      const value = field.values[row];
      if (merged.length === 0 || merged.at(-1).value !== value) {
        merged.push({from: at, value});
      }
    });
    return merged.map((span, i) => ({track, from: span.from, to: merged[i + 1]?.from ?? page.range.to, value: span.value,
      text: formatted(span.value, config), color: colorOf(mapped(config, span.value)?.color || colorByName(String(span.value)))}));
  });
  chart(context, {
    grid: {left: 8, right: 16, top: 8, bottom: 6, containLabel: true},
    tooltip: {confine: true, formatter: ({dataIndex}) => `${names[spans[dataIndex].track]}: <b>${spans[dataIndex].text}</b><br>${clock(spans[dataIndex].from)} to ${clock(spans[dataIndex].to)}`},
    xAxis: {type: 'time', min: page.range.from, max: page.range.to, axisLabel: {color: '#667085', fontSize: 11, hideOverlap: true}}, useUTC: true,
    yAxis: {type: 'category', data: names, inverse: true, axisLabel: {color: '#667085', fontSize: 11}},
    series: [{type: 'custom', clip: true, encode: {x: [1, 2], y: 0}, data: spans.map(span => [span.track, span.from, span.to]),
      renderItem: (params, api) => {
        const span = spans[params.dataIndex];
        const start = api.coord([api.value(1), api.value(0)]);
        const end = api.coord([api.value(2), api.value(0)]);
        const height = api.size([0, 1])[1] * 0.7;
        const shape = echarts.graphic.clipRectByRect({x: start[0], y: start[1] - height / 2, width: Math.max(1, end[0] - start[0]), height}, params.coordSys);
        return shape && {type: 'rect', shape, style: {fill: span.color}, textContent: {style: {text: shape.width > 60 ? span.text : '', fill: '#fff', fontSize: 11}}, textConfig: {position: 'inside'}};
      }}],
  });
}

function reduced(context) {
  const {panel} = context;
  const reduce = REDUCE[panel.options?.reduceOptions?.calcs?.[0] || 'lastNotNull'];
  if (panel.options?.reduceOptions?.values) {
    const data = context.frames[0];
    const label = data.fields.find(field => field.kind === 'string');
    const field = data.fields.find(f => f.kind === 'number');
    return field.values.map((value, row) => ({value, field, values: [], config: configOf(panel, field), name: label ? String(label.values[row]) : field.name}));
  }
  const numbers = numberFields(context).map(({field, config, name}) => ({value: reduce(field.values), values: field.values, field, config, name}));
  if (numbers.length > 0 || !panel.options?.reduceOptions?.fields) {
    return numbers;
  }
  // A text as a figure, such as the state of an experiment.
  return context.frames.flatMap(data => data.fields.filter(field => field.kind === 'string')
    .map(field => ({value: reduce(field.values), values: [], field, config: configOf(panel, field), name: field.name})));
}

function drawStat(context) {
  const {panel, body} = context;
  dispose(panel);
  const items = reduced(context);
  const width = body.clientWidth / Math.max(1, items.length);
  body.replaceChildren(element('div', {class: 'stats'}, ...items.map(({value, values, config, name}) => {
    const mapping = mapped(config, value);
    const color = mapping?.color ? colorOf(mapping.color) : config.color?.mode === 'fixed' ? colorOf(config.color.fixedColor) : thresholdColor(config, value);
    const filled = panel.options?.colorMode === 'background';
    const text = formatted(value, config);
    const size = Math.max(14, Math.min(38, body.clientHeight * 0.45, width / Math.max(4, text.length) * 1.5));
    return element('div', {class: filled ? 'stat filled' : 'stat', style: filled ? `background:${color}` : null},
      items.length > 1 || panel.options?.textMode === 'value_and_name' ? element('div', {class: 'name', title: name}, name) : null,
      element('div', {class: 'value', style: `font-size:${size}px;${filled || panel.options?.colorMode === 'none' ? '' : `color:${color}`}`}, text),
      panel.options?.graphMode === 'area' && values.length > 2 ? sparkline(values, filled ? '#ffffff' : color) : null);
  })));
}

function sparkline(values, color) {
  const known = values.map(v => v ?? 0);
  const [least, most] = [Math.min(...known, 0), Math.max(...known)];
  const points = known.map((v, i) => `${(i / (known.length - 1) * 100).toFixed(2)},${(100 - (v - least) / (most - least || 1) * 95).toFixed(2)}`);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', '0 0 100 100');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('width', '100%');
  const area = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  area.setAttribute('points', `0,100 ${points.join(' ')} 100,100`);
  area.setAttribute('fill', color);
  area.setAttribute('opacity', '0.35');
  svg.append(area);
  return svg;
}

function drawGauge(context) {
  const items = reduced(context);
  const share = 100 / items.length;
  chart(context, {series: items.map(({value, config, name}, index) => {
    const min = config.min ?? 0;
    const max = config.max ?? (config.unit === 'percentunit' ? 1 : 100);
    const steps = config.thresholds?.steps || [{value: null, color: 'green'}];
    const bands = steps.map((step, i) => [steps[i + 1] ? Math.min(1, Math.max(0, (steps[i + 1].value - min) / (max - min))) : 1, colorOf(step.color)]);
    return {type: 'gauge', min, max, center: [`${share * (index + 0.5)}%`, '62%'], radius: '88%', startAngle: 200, endAngle: -20,
      axisLine: {lineStyle: {width: 10, color: bands}}, axisTick: {show: false}, splitLine: {show: false}, axisLabel: {show: false},
      pointer: {width: 4, length: '60%', itemStyle: {color: thresholdColor(config, value)}}, anchor: {show: true, size: 8},
      title: {offsetCenter: [0, '62%'], fontSize: 12, color: '#667085'}, detail: {offsetCenter: [0, '36%'], fontSize: 18, formatter: () => formatted(value, config), color: thresholdColor(config, value)},
      data: [{value, name: items.length > 1 ? name : ''}]};
  })});
}

function drawBarGauge(context) {
  const {panel} = context;
  const items = reduced(context);
  const config = items[0].config;
  chart(context, {
    grid: {left: 8, right: 70, top: 6, bottom: 6, containLabel: true},
    xAxis: {type: 'value', show: false, min: config.min ?? 0, max: config.max},
    yAxis: {type: 'category', inverse: true, data: items.map(item => item.name), axisLine: {show: false}, axisTick: {show: false}, axisLabel: {color: '#1d2330', fontSize: 12, width: 180, overflow: 'truncate'}},
    series: [{type: 'bar', barMaxWidth: 26, showBackground: true, backgroundStyle: {color: '#f1f3f7'},
      data: items.map(({value, config: own, name}, index) => ({value, itemStyle: {color: own.color?.mode && own.color.mode !== 'thresholds' ? seriesColor(own, name, index, value) : thresholdColor(own, value)}})),
      label: {show: true, position: 'right', formatter: ({value, dataIndex}) => formatted(value, items[dataIndex].config)}}],
    tooltip: {show: panel.options?.tooltip !== false, confine: true, formatter: ({dataIndex}) => `${items[dataIndex].name}: <b>${formatted(items[dataIndex].value, items[dataIndex].config)}</b>`},
  });
}

function drawTable(context) {
  const {panel, body, frames} = context;
  dispose(panel);
  const {fields, length} = frames[0];
  const columns = fields.map(field => ({field, config: configOf(panel, field)})).filter(({config}) => !config.custom.hidden);
  const order = [...Array(length).keys()];
  const sort = panel.sorted || (panel.options?.sortBy?.[0] && {name: panel.options.sortBy[0].displayName, desc: panel.options.sortBy[0].desc});
  const by = sort && columns.find(({field, config}) => (config.displayName || field.name) === sort.name);
  if (by) {
    order.sort((a, b) => {
      const [x, y] = [by.field.values[a], by.field.values[b]];
      return (sort.desc ? -1 : 1) * (x === y ? 0 : x === null ? -1 : y === null ? 1 : x < y ? -1 : 1);
    });
  }
  const header = element('tr', {}, ...columns.map(({field, config}) => {
    const name = config.displayName || field.name;
    const cell = element('th', {class: field.kind === 'number' ? 'number' : null, 'aria-sort': sort?.name === name ? (sort.desc ? 'descending' : 'ascending') : null},
      name + (sort?.name === name ? (sort.desc ? ' ▾' : ' ▴') : ''));
    cell.addEventListener('click', () => {
      panel.sorted = {name, desc: !(sort?.name === name && sort.desc)};
      drawTable(context);
    });
    return cell;
  }));
  const rows = order.map(row => element('tr', {}, ...columns.map(({field, config}) => {
    const value = field.values[row];
    const text = shown(field, config, value);
    const link = linkOf(config, field, row, fields);
    const kind = config.custom.cellOptions?.type;
    const color = mapped(config, value)?.color ? colorOf(mapped(config, value).color) : thresholdColor(config, value);
    const style = kind === 'color-background' ? `background:${color};color:#fff` : kind === 'color-text' ? `color:${color};font-weight:600` : null;
    return element('td', {class: field.kind === 'number' && config.unit !== 'dateTimeAsIso' ? 'number' : null, style, title: text},
      link ? element('a', {href: link.url, title: link.title}, text) : text);
  })));
  body.replaceChildren(element('div', {class: 'scroll'}, element('table', {}, element('thead', {}, header), element('tbody', {}, ...rows))));
}

/** Paragraphs, list items and links of Markdown: what the dashboards' texts use. */
function drawText({panel, body}) {
  const blocks = (panel.options?.content || '').split(/\n\s*\n/).map(block => {
    const lines = block.split('\n').filter(line => line.trim());
    return lines.every(line => line.startsWith('- '))
      ? element('ul', {}, ...lines.map(line => element('li', {}, ...inline(line.slice(2)))))
      : element('p', {}, ...inline(lines.join(' ')));
  });
  body.replaceChildren(element('div', {class: 'text'}, ...blocks));
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map(part => {
    const bold = /^\*\*(.*)\*\*$/.exec(part);
    const link = /^\[(.*)\]\((.*)\)$/.exec(part);
    return bold ? element('b', {}, bold[1]) : link ? element('a', {href: link[2]}, link[1]) : part;
  });
}

const DRAW = {
  timeseries: drawTimeSeries, barchart: drawBarChart, heatmap: drawHeatmap, 'state-timeline': drawStateTimeline,
  stat: drawStat, gauge: drawGauge, bargauge: drawBarGauge, table: drawTable, text: drawText,
};

document.addEventListener('click', ({target}) => {
  for (const open of document.querySelectorAll('#variables details[open]')) {
    open.open = open.contains(target);
  }
});

start().catch(error => message(error.message));
