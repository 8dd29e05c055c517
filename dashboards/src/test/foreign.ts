// What a page of another site can do to the servers of a local stack, and that they know their own pages.
import type {Browser} from 'playwright-core';

interface Servers {site: string; clickHouse: string; flink: string; preview: string; all: string[]}

/** What the page learned: by scripts and forms, by fetch, and under a name of its own that points here. */
export async function foreign(browser: Browser, [given]: string[]) {
  const {site, clickHouse, flink, preview, all} = JSON.parse(given!) as Servers;
  const page = await browser.newPage();
  await page.goto(site);
  const create = 'CREATE TABLE heed.pwned (a Int8) ENGINE = Memory';
  const leaked = await page.evaluate(async ({clickHouse, flink, create}) => {
    const job = '0'.repeat(32);
    const done = (element: HTMLElement) => new Promise<void>(go => {
      element.onload = element.onerror = () => go();
      setTimeout(go, 5000);
    });
    const add = <T extends HTMLElement>(tag: string, set: object): T => {
      const element = Object.assign(document.createElement(tag), set) as T;
      document.body.append(element);
      return element;
    };
    const post = (action: string, enctype: string, name: string, value: string) => {
      const frame = add<HTMLIFrameElement>('iframe', {name: `frame${Math.random()}`});
      const form = add<HTMLFormElement>('form', {method: 'POST', action, enctype, target: frame.name});
      form.append(Object.assign(document.createElement('input'), {name, value}));
      const loaded = done(frame);
      form.submit();
      return loaded;
    };
    const query = `${clickHouse}/?query=`;
    const leak = "SELECT 'window.leaked = 1' SETTINGS http_response_headers = {'Content-Type': 'text/javascript'} FORMAT TSVRaw";
    await done(add('script', {src: query + encodeURIComponent(leak)}));
    await done(add('img', {src: query + encodeURIComponent(create)}));
    await done(add('img', {src: `${flink}/jobs/${job}/yarn-cancel`}));
    for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      await post(`${clickHouse}/`, enctype, `${create} COMMENT '`, "'");
      await post(query + encodeURIComponent(create), enctype, 'a', 'b');
      await post(`${flink}/jobs/${job}/stop`, enctype, '{"drain": true, "a": "', '"}');
      await post(`${flink}/jobs/${job}/savepoints`, enctype, '{"cancel-job": true, "a": "', '"}');
    }
    for (const [method, path] of [['PATCH', `/jobs/${job}?mode=cancel`], ['DELETE', '/cluster']] as const) {
      await fetch(flink + path, {method}).catch(() => null);
    }
    return 'leaked' in window;
  }, {clickHouse, flink, create});
  const read = await page.evaluate(urls => Promise.all(urls.map(url => fetch(url).then(({status}) => String(status), ({name}) => String(name)))), all);
  const written = await page.evaluate(({urls, body}) => Promise.all(urls.map(url =>
    fetch(url, {method: 'POST', mode: 'no-cors', body}).then(({status}) => status))), {urls: all, body: create});
  const rebound = [];
  for (const url of all) {
    // The site's name points here, so that for the browser the server is a part of the site.
    await page.goto(url.replace('127.0.0.1', 'other.example'));
    rebound.push({page: await page.innerText('body'), post: await page.evaluate(path => fetch(path, {method: 'POST', body: 'SELECT 1'}).then(({status}) => status), url.replace(/^http:\/\/[^/]*/, ''))});
  }
  await page.goto(preview);
  await page.waitForFunction(() => document.querySelectorAll('a').length > 1);
  await page.goto(`${flink}/`);
  await page.waitForFunction(() => document.body.innerText.includes('Task Managers'));
  return {leaked, read, written, rebound};
}
