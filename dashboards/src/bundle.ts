// Bundles look.ts and what it needs of Grafana's library into one file for the preview, with the licences of all parts.
import {readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import type {BuildOptions} from 'esbuild';

const HOME = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Parts of Grafana's library that these pages have no use for: time zones but UTC, and languages but English. */
const WITHOUT: BuildOptions['alias'] = {
  'moment-timezone': join(HOME, 'src', 'utc.ts'),
  '@grafana/i18n': join(HOME, 'src', 'english.ts'),
};

/** The package that a file of node_modules belongs to. */
const packageOf = (file: string) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];

/** Licences of what may be shipped with a work under Apache-2.0. */
const ALLOWED = ['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'CC0-1.0', '(MPL-2.0 OR Apache-2.0)'];

function licence(folder: string): string {
  const {name, version, license} = JSON.parse(readFileSync(join(HOME, folder, 'package.json'), 'utf8')) as Record<string, string>;
  if (!ALLOWED.includes(license!)) {
    throw new Error(`${name} has the licence ${license}, and grafana.js would ship it; allowed are ${ALLOWED.join(', ')}`);
  }
  const file = readdirSync(join(HOME, folder)).find(found => /^licen[cs]e/i.test(found));
  const text = file ? readFileSync(join(HOME, folder, file), 'utf8').trim() : 'Its package has no text of its licence.';
  return `${name} ${version}, ${license}\n\n${text}\n`;
}

export async function bundle(): Promise<Record<string, string>> {
  const {outputFiles, metafile} = await build({
    entryPoints: [join(HOME, 'src', 'look.ts')], absWorkingDir: HOME, bundle: true, format: 'esm', target: 'es2022', minify: true,
    // The pages' policy allows no code made of texts, which this part of the library would otherwise try.
    banner: {js: 'globalThis.__zod_globalConfig = {jitless: true};'}, write: false, metafile: true, legalComments: 'none', alias: WITHOUT, define: {'process.env.NODE_ENV': '"production"'}, logLevel: 'error',
  });
  const used = Object.entries(Object.values(metafile.outputs)[0]!.inputs).filter(([, {bytesInOutput}]) => bytesInOutput > 0);
  const packages = [...new Set(used.flatMap(([file]) => packageOf(file) ?? []))].sort();
  return {
    'grafana.js': `// @grafana/data and what it needs, bundled by dashboards/src/bundle.ts; licences in grafana.licenses.txt.\n${outputFiles[0]!.text}`,
    'grafana.licenses.txt': packages.map(licence).join('\n----\n\n'),
  };
}
