// Writes the dashboards' JSON, the alert rules and the preview's grafana.js; with --check only reports whether the files are what this code makes.
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Dashboard, Panel} from '@grafana/grafana-foundation-sdk/dashboard';
import {alertRules} from './alerts.js';
import {attribution} from './attribution.js';
import {bundle} from './bundle.js';
import {experiment} from './experiment.js';
import {experiments} from './experiments.js';
import {growth} from './growth.js';
import {listHealth} from './list-health.js';
import {optimizer} from './optimizer.js';
import {pipeline} from './pipeline.js';
import {sales} from './sales.js';
import {sendingDecisions} from './sending-decisions.js';
import {subscribers} from './subscribers.js';

const GRAFANA = join(dirname(fileURLToPath(import.meta.url)), '..', 'grafana');
const DASHBOARDS = join(GRAFANA, 'dashboards');

/** Takes out what the SDK writes by old defaults and Grafana's schema no longer has. */
function settled(board: Dashboard): Dashboard {
  for (const variable of board.templating?.list ?? []) {
    for (const name of ['auto', 'auto_min', 'auto_count']) {
      delete (variable as unknown as Record<string, unknown>)[name];
    }
  }
  for (const panel of board.panels ?? []) {
    if (panel.type === 'table') {
      delete (panel as Panel).options.footer;
      (panel as Panel).fieldConfig!.defaults.custom.cellOptions ??= {type: 'auto'};
    }
  }
  return board;
}

const files = new Map<string, string>();
for (const board of [
  growth(), subscribers(), listHealth(), experiments(), experiment(), attribution(), sendingDecisions(), optimizer(), sales(), pipeline(),
]) {
  const built = settled(board.build());
  files.set(join(DASHBOARDS, `${built.uid}.json`), JSON.stringify(built, null, 2) + '\n');
}
files.set(join(GRAFANA, 'provisioning', 'alerting', 'heed.yaml'), alertRules());
for (const [name, text] of Object.entries(await bundle())) {
  files.set(join(GRAFANA, '..', 'preview', 'src', 'main', 'resources', 'io', 'heed', 'preview', 'web', name), text);
}

const check = process.argv.includes('--check');
const stale = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text).map(([file]) => file);
const unknown = existsSync(DASHBOARDS) ? readdirSync(DASHBOARDS).map(name => join(DASHBOARDS, name)).filter(file => !files.has(file)) : [];
if (check) {
  stale.forEach(file => console.error(`${file} is not what the code makes: run npm run generate`));
} else {
  stale.forEach(file => {
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, files.get(file)!);
  });
}
unknown.forEach(file => console.error(`${file} is made by no code`));
process.exit((check && stale.length > 0) || unknown.length > 0 ? 1 : 0);
