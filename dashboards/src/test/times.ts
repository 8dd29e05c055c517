// How long every page takes from its address to its last panel, in milliseconds: the median of seven.
import type {Browser} from 'playwright-core';
import {drawn} from './pages.js';

const TIMES = 7;

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

/** The page as a whole, and the panel that its database needed longest for. */
export async function times(browser: Browser, [url]: string[]): Promise<Record<string, object>> {
  const page = await browser.newPage({viewport: {width: 1600, height: 1000}});
  const dashboards: {uid: string}[] = await (await fetch(`${url}api/dashboards`)).json();
  const found: Record<string, object> = {};
  for (const {uid} of dashboards) {
    const whole: number[] = [];
    const panels = new Map<string, number[]>();
    // The first is not counted: the browser has no scripts yet, the database no pages of its files.
    for (let i = 0; i <= TIMES; i++) {
      await page.goto('about:blank');
      const begun = performance.now();
      await page.goto(`${url}d/${uid}?refresh=`, {waitUntil: 'commit'});
      await drawn(page, 1);
      const taken = performance.now() - begun;
      const requests = await page.evaluate(() => performance.getEntriesByType('resource').filter(({name}) => name.includes('/panels/')).map(({name, duration}) => ({name, duration})));
      if (i > 0) {
        whole.push(taken);
        requests.forEach(({name, duration}) => {
          const panel = /panels\/(\d+)/.exec(name)![1]!;
          panels.set(panel, [...panels.get(panel) ?? [], duration]);
        });
      }
    }
    const [panel, duration] = [...panels].map(([id, durations]) => [id, median(durations)] as const).sort((a, b) => b[1] - a[1])[0]!;
    found[uid] = {page: Math.round(median(whole)), slowest_panel: Number(panel), panel: Math.round(duration)};
    console.error(uid, JSON.stringify(found[uid]));
  }
  return found;
}
