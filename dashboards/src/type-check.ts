// Holds the dashboards' JSON against Grafana's own types (@grafana/schema), the panels' options and
// fields included. Enums count as the values that JSON has for them.
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

const HOME = join(dirname(fileURLToPath(import.meta.url)), '..');
const DASHBOARDS = join(HOME, 'grafana', 'dashboards');
const WORK = join(HOME, 'build', 'types');
const SCHEMA = '../../node_modules/@grafana/schema/dist/types';

/** Panels whose fields have no type of their own. */
const WITHOUT_FIELDS = ['stat', 'bargauge', 'gauge', 'text'];

/**
 * Where the types are stricter than Grafana is.
 */
const FALSE_ALARMS: {what: RegExp; why: string}[] = [
  {
    what: /"editorType": "sql",\n.*does not exist in type/,
    why: 'the target of an annotation has the fields of its data source, which the schema leaves open',
  },
];

const PLAIN = `
type Plain<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Plain<U>[] : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;
`;

function source(board: {panels: Panel[]}): string {
  const types = [...new Set(board.panels.map(panel => panel.type))].sort();
  const imports = types.map(type => {
    const from = `${SCHEMA}/raw/composable/${type.replace('-', '')}/panelcfg/x/types.gen`;
    const name = type.replace('-', '_');
    return `import type * as ${name} from '${from}';`;
  });
  const panels = board.panels.flatMap(({id, type, options, fieldConfig}) => {
    const name = type.replace('-', '_');
    const custom = fieldConfig?.defaults?.custom;
    return [
      `const options_${id}: Plain<${name}.Options> = ${JSON.stringify(options ?? {})};`,
      custom && !WITHOUT_FIELDS.includes(type) ? `const custom_${id}: Plain<${name}.FieldConfig> = ${JSON.stringify(custom)};` : '',
    ];
  });
  return [
    `import type {Dashboard} from '${SCHEMA}/index';`, ...imports, PLAIN,
    `const dashboard: Plain<Dashboard> = ${JSON.stringify(board, null, 1)};`, ...panels,
  ].join('\n');
}

interface Panel {id: number; type: string; options?: object; fieldConfig?: {defaults?: {custom?: object}}}

rmSync(WORK, {recursive: true, force: true});
mkdirSync(WORK, {recursive: true});
const files = readdirSync(DASHBOARDS).map(name => {
  const file = join(WORK, name.replace('.json', '.ts'));
  writeFileSync(file, source(JSON.parse(readFileSync(join(DASHBOARDS, name), 'utf8'))));
  return file;
});
const program = ts.createProgram(files, {
  strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
});
const alarms = ts.getPreEmitDiagnostics(program)
  .map(found => {
    const at = found.file?.getLineAndCharacterOfPosition(found.start ?? 0);
    const line = at && found.file!.text.split('\n')[at.line]!.slice(0, 160);
    return `${found.file?.fileName.split('/').at(-1)}: ${line}\n  ${ts.flattenDiagnosticMessageText(found.messageText, '\n  ')}`;
  })
  .filter(alarm => !FALSE_ALARMS.some(({what}) => what.test(alarm)));
alarms.forEach(alarm => console.error(alarm));
process.exit(alarms.length > 0 ? 1 : 0);
