// Every page of the preview: as Grafana shows it, on a screen and on a phone, light and dark, without a mouse.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Browser, Page} from 'playwright-core';
import {shownByGrafana} from './grafana.js';
import type {Panel, Result, Shown} from './grafana.js';
import {shownByPreview} from './preview.js';

const AXE = readFileSync(join('node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const WIDE = {width: 1600, height: 1000};
const PHONE = {width: 390, height: 844};

interface Dashboard {uid: string; panels: Panel[]}
interface Variable {name: string; multi: boolean; chosen: string[]; options: {text: string; value: string}[]}

export const drawn = (page: Page, times: number) => page.waitForFunction(least => Number(document.body?.dataset['drawn'] ?? 0) >= least, times);

/** Findings of axe that keep people out. */
async function barriers(page: Page): Promise<string[]> {
  // A script element would be against the page's own policy.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const {violations} = await (window as unknown as {axe: {run: (options: object) => Promise<{violations: {id: string; impact: string; nodes: {html: string; failureSummary: string}[]}[]}>}}).axe
      .run({resultTypes: ['violations']});
    return violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
      .flatMap(({id, nodes}) => nodes.slice(0, 3).map(({html, failureSummary}) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`));
  });
}

/** What a layout must not do, once charts have followed a new size of the window. */
async function misfits(page: Page) {
  let found = await misfitsNow(page);
  for (let i = 0; i < 20 && found.length > 0; i++) {
    await page.waitForTimeout(100);
    found = await misfitsNow(page);
  }
  return found;
}

const misfitsNow = (page: Page) => page.evaluate(() => {
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const cut = all('.panel h2, .stat .value, .stat .name').filter(at => at.scrollWidth > at.clientWidth + 1).map(at => `cut off: ${at.textContent}`);
  const short = all('.panel').filter(at => at.scrollHeight > at.clientHeight + 1).map(at => `does not fit: ${at.textContent!.slice(0, 60)}`);
  // Where there is room beside it, a table has all of its columns in sight.
  const sideways = innerWidth < 1000 ? [] : all('.panel[data-type=table] .scroll').filter(at => at.scrollWidth > at.clientWidth + 1).map(at => `scrolls sideways by ${at.scrollWidth - at.clientWidth} px: ${at.closest('.panel')!.querySelector('h2')!.textContent}`);
  const wide = document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
  const footer = document.querySelector('footer')!.getBoundingClientRect();
  const under = all('.panel, .cards a').filter(at => at.getBoundingClientRect().bottom > footer.top + 1).map(at => `under the footer: ${at.textContent!.slice(0, 40)}`);
  const errors = all('.panel .error, #message:not([hidden])').map(at => `error: ${at.textContent}`);
  return [...cut, ...short, ...sideways, ...wide, ...under, ...errors];
});

/** Two ticks of an axis with the same label: its decimals hide what differs. */
const repeated = (page: Page) => page.evaluate(() => {
  interface Axis {axis: {getViewLabels: () => {formattedLabel: string}[]}; option: {type: string}}
  const {echarts} = window as unknown as {echarts?: {getInstanceByDom: (at: Element) => {getModel: () => {findComponents: (by: object) => Axis[]}} | undefined}};
  return [...document.querySelectorAll('.chart')].flatMap(at => {
    const model = echarts?.getInstanceByDom(at)?.getModel();
    const axes = model ? ['xAxis', 'yAxis'].flatMap(mainType => model.findComponents({mainType})) : [];
    return axes.filter(({option}) => option.type === 'value').map(({axis}) => axis.getViewLabels().map(({formattedLabel}) => formattedLabel))
      .filter(labels => new Set(labels).size < labels.length)
      .map(labels => `${at.closest('.panel')!.querySelector('h2')!.textContent}: an axis has ${labels.join(', ')}`);
  });
});

/** Headline numbers that stand alone in a row, although the next one does as well. */
const alone = (page: Page) => page.evaluate(() => {
  const tops = [...document.querySelectorAll('.panel[data-type=stat]')].map(at => Math.round(at.getBoundingClientRect().top));
  return tops.length > 1 && new Set(tops).size === tops.length ? ['headline numbers stand one below the other'] : [];
});

/** A description opens by the keyboard and by touch, and closes again. */
async function descriptions(page: Page, panels: Panel[]): Promise<string[]> {
  const problems: string[] = [];
  for (const {id, description} of panels.filter(panel => panel.description)) {
    const words = page.locator(`#about-${id}`);
    await page.locator(`#panel-${id} .info`).focus();
    if (!await words.isVisible() || await words.textContent() !== description) {
      problems.push(`panel ${id}: no description by focus`);
    }
    await page.keyboard.press('Escape');
  }
  const [first] = panels.filter(panel => panel.description);
  if (first) {
    await page.locator(`#panel-${first.id} .info`).tap();
    if (!await page.locator(`#about-${first.id}`).isVisible()) {
      problems.push(`panel ${first.id}: no description by touch`);
    }
    await page.keyboard.press('Escape');
  }
  return problems;
}

const CODE = /[a-z0-9]_[a-z0-9]|[A-Z]{2,}_[A-Z]|^value$|[{}|]/;

/** Names of columns and series that are words of a program, not of people; names that two of them have. */
function unreadable({type, title}: Panel, shown: Shown[]): string[] {
  const names = shown.flatMap(({name}) => name === null ? [] : [name]);
  return [
    ...names.filter(name => name === '' || CODE.test(name)).map(name => `${title}: the name '${name}'`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map(name => `${title}: two have the name '${name}'`),
    ...type === 'table' ? [] : shown.flatMap(({texts}) => texts).filter(text => CODE.test(text)).slice(0, 3).map(text => `${title}: the text '${text}'`),
  ];
}

function differences(panel: Panel, grafana: Shown[], preview: Shown[]): string[] {
  const [left, right] = [grafana, preview].map(shown => shown.map(each => JSON.stringify(each))) as [string[], string[]];
  const at = Array.from({length: Math.max(left.length, right.length)}, (_, index) => index).find(index => left[index] !== right[index]);
  return at === undefined ? [] : [`${panel.title}: Grafana shows ${left[at]?.slice(0, 400)}, the preview ${right[at]?.slice(0, 400)}`];
}

/** The range and the variables change what is drawn, and the address of it; the navigation keeps them. */
async function controls(page: Page, times: number): Promise<string[]> {
  const problems: string[] = [];
  const change = async (what: string, expected: string, act: () => Promise<unknown>) => {
    await act();
    await drawn(page, ++times);
    if (!page.url().includes(expected)) {
      problems.push(`${what}: no ${expected} in ${page.url()}`);
    }
  };
  await change('range', 'from=now-7d', () => page.selectOption('#range select[name=preset]', 'now-7d'));
  const one = page.locator('#variables select').first();
  if (await one.count()) {
    await change('variable', 'var-', async () => one.selectOption((await one.locator('option').last().getAttribute('value'))!));
  }
  const several = page.locator('#variables details').first();
  if (await several.count()) {
    await several.locator('summary').click();
    // All, then the first alone, then the second too.
    for (const option of [1, 2]) {
      await change('variable', 'var-', () => several.locator('input').nth(option).click());
    }
    if (!(await several.locator('summary').textContent())!.includes(' + ')) {
      problems.push('two values of a variable are not shown');
    }
  }
  const kept = await page.locator('nav a').evaluateAll(links => links.every(link => (link as HTMLAnchorElement).search.includes('from=now-7d')));
  return [...problems, ...kept ? [] : ['the navigation does not keep the range']];
}

export async function pages(browser: Browser, [url, played, pictures]: string[]): Promise<Record<string, string[]>> {
  const context = await browser.newContext({viewport: WIDE, hasTouch: true, reducedMotion: 'reduce'});
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => ['error', 'warning', 'assert'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(error.message));
  const results = new Map<string, Promise<Result[]>>();
  page.on('response', response => {
    const match = /\/api\/dashboards\/[\w-]+\/panels\/(\d+)/.exec(response.url());
    if (match && response.ok()) {
      const read = response.json();
      // A page that is left takes its responses with it.
      read.catch(() => undefined);
      results.set(match[1]!, read);
    }
  });
  const list: {uid: string}[] = await (await fetch(`${url}api/dashboards`)).json();
  const found: Record<string, string[]> = {};
  const picture = (name: string) => pictures ? page.screenshot({path: join(pictures, `${name}.png`), fullPage: true}) : undefined;

  for (const uid of [null, ...list.map(each => each.uid)]) {
    const problems: string[] = [];
    const name = uid ?? 'index';
    const dashboard: Dashboard | null = uid && await (await fetch(`${url}api/dashboards/${uid}`)).json();
    const panels = dashboard?.panels.filter(({type}) => type !== 'row') ?? [];
    let times = 0;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({colorScheme});
      await page.setViewportSize(WIDE);
      if (colorScheme === 'light') {
        await page.goto(uid ? `${url}d/${uid}?refresh=` : url);
        await page.waitForSelector(uid ? '.panel' : '.cards a');
      }
      if (uid) {
        await drawn(page, ++times);
        const {variables} = await (await fetch(`${url}api/dashboards/${uid}/variables?${new URL(page.url()).search.slice(1)}`)).json() as {variables: Variable[]};
        const chosen = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, variable: string) => {
          const known = variables.find(each => each.name === variable);
          return known ? known.chosen.map(value => known.options.find(option => option.value === value)?.text ?? value).join(' + ') : whole;
        });
        for (const panel of panels) {
          const grafana = shownByGrafana(panel, await results.get(String(panel.id)) ?? [], colorScheme, chosen);
          problems.push(...differences(panel, grafana, await page.evaluate(shownByPreview, panel.id)));
          problems.push(...colorScheme === 'light' ? unreadable(panel, grafana) : []);
        }
      }
      problems.push(...await misfits(page), ...await repeated(page), ...await barriers(page));
      await picture(`${name}-1600-${colorScheme}`);
      await page.setViewportSize(PHONE);
      problems.push(...[...await misfits(page), ...await alone(page), ...await barriers(page), ...colorScheme === 'dark' ? await descriptions(page, panels) : []].map(problem => `on a phone, ${problem}`));
      await picture(`${name}-390-${colorScheme}`);
    }
    if (uid && played === 'played') {
      problems.push(...await controls(page, times), ...await misfits(page));
    }
    found[name] = [...new Set([...problems, ...complaints.splice(0)])];
    console.error(name, found[name]);
  }
  await context.close();
  return found;
}
