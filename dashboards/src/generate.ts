// Writes the dashboards' JSON; with --check only tells whether the files are what this code makes.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {attribution} from './attribution.js';
import {experiment} from './experiment.js';
import {growth} from './growth.js';
import {listHealth} from './list-health.js';
import {pipeline} from './pipeline.js';
import {sendingDecisions} from './sending-decisions.js';

const DIRECTORY = join(dirname(fileURLToPath(import.meta.url)), '..', 'grafana', 'dashboards');
const BOARDS = [growth(), listHealth(), experiment(), attribution(), sendingDecisions(), pipeline()];

const check = process.argv.includes('--check');
let stale = 0;
mkdirSync(DIRECTORY, {recursive: true});
for (const board of BOARDS) {
  const built = board.build();
  const file = join(DIRECTORY, `${built.uid}.json`);
  const json = JSON.stringify(built, null, 2) + '\n';
  if (!check) {
    writeFileSync(file, json);
  } else if (readFileSync(file, 'utf8') !== json) {
    console.error(`${file} is not what the code makes: run npm run generate`);
    stale++;
  }
}
process.exit(stale > 0 ? 1 : 0);
