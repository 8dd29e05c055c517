// The page: navigation, range, variables, and the panels of Grafana's classic dashboard JSON on their grid.
import {color, framesOf, look, useTheme} from './grafana.js';
import {element} from './html.js';
import {DRAW, charts, dispose} from './panels.js';

const ALL = '$__all';
const page = {
  uid: location.pathname.startsWith('/d/') ? location.pathname.slice(3) : null,
  url: new URLSearchParams(location.search),
  dashboard: null,
  variables: [],
  range: null,
  timer: null,
  drawing: 0,
};
const dark = matchMedia('(prefers-color-scheme: dark)');

const byId = id => document.getElementById(id);

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
  dark.addEventListener('change', refresh);
}

function showIndex(list) {
  byId('title').textContent = 'Dashboards';
  byId('range').hidden = true;
  byId('grid').className = 'cards';
  byId('grid').append(...list.map(({uid, title, description}) =>
    element('a', {href: address(uid)}, element('b', {}, title), description)));
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
  useTheme(dark.matches ? 'dark' : 'light');
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

/** Links to other places; the dashboards are in the navigation above. */
function showLinks() {
  byId('links').replaceChildren(...(page.dashboard.links || [])
    .filter(link => link.type === 'link' && !link.url.startsWith('/d/'))
    .map(link => element('a', {href: link.url, title: link.tooltip}, link.title)));
}

// ---- panels -----------------------------------------------------------------------------------

function panels() {
  return page.dashboard.panels.flatMap(panel => panel.type === 'row' ? panel.panels || [] : [panel]);
}

function layOut() {
  const inOrder = page.dashboard.panels.flatMap(panel => [panel, ...(panel.panels || [])])
    .sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  for (const panel of inOrder) {
    const {x, y, w, h} = panel.gridPos;
    const style = `--column:${x + 1}/span ${w};--row:${y + 1}/span ${h};--height:${h}`;
    byId('grid').append(panel.type === 'row'
      ? element('h2', {class: 'row', style}, panel.title)
      : element('section', {class: 'panel', id: `panel-${panel.id}`, 'data-type': panel.type, style},
        element('header', {}, element('h2', {class: 'name'}, panel.title), ...panel.description ? about(panel) : []),
        element('div', {class: 'body'})));
  }
  new ResizeObserver(() => charts.forEach(chart => chart.resize())).observe(byId('grid'));
}

/** What a panel shows, in words: under a pointer, by the keyboard, and by touch. */
function about(panel) {
  const id = `about-${panel.id}`;
  const button = element('button', {type: 'button', class: 'info', 'aria-label': `About ${panel.title}`, 'aria-describedby': id}, 'i');
  const words = element('div', {id, class: 'about', popover: 'auto'}, panel.description);
  const show = () => {
    if (!words.matches(':popover-open')) {
      words.showPopover();
    }
    const {left, bottom} = button.getBoundingClientRect();
    words.style.left = `${Math.max(8, Math.min(left, innerWidth - words.offsetWidth - 8))}px`;
    words.style.top = `${Math.max(8, Math.min(bottom + 6, innerHeight - words.offsetHeight - 8))}px`;
  };
  ['mouseenter', 'focus', 'click'].forEach(event => button.addEventListener(event, show));
  ['mouseleave', 'blur'].forEach(event => button.addEventListener(event, () => words.hidePopover()));
  return [button, words];
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
    const draw = DRAW[panel.type];
    if (!draw) {
      throw new Error(`the preview does not draw panels of type ${panel.type}`);
    }
    const frames = look(panel, results.flatMap(framesOf), interpolated);
    if (panel.type !== 'text' && frames.every(frame => frame.length === 0)) {
      dispose(panel);
      body.replaceChildren(element('div', {class: 'empty'}, panel.fieldConfig?.defaults?.noValue || 'No data'));
      return;
    }
    draw({panel, body, frames, annotations: marks, range: page.range, url: page.url, variables: page.variables});
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
    return framesOf(result).flatMap(({fields, length}) => Array.from({length}, (_, row) => {
      const get = name => fields.find(field => field.name === name)?.values[row];
      return {time: get('time'), text: get('text') ?? get('title') ?? result.name, color: color(definition?.iconColor || 'blue')};
    }));
  });
}

document.addEventListener('click', ({target}) => {
  for (const open of document.querySelectorAll('#variables details[open]')) {
    open.open = open.contains(target);
  }
});

start().catch(error => message(error.message));
