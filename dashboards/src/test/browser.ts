// Tests in a real browser: node build/browser.cjs pages|foreign|times CHROMIUM ARGUMENTS. Prints what it found as JSON.
import {chromium} from 'playwright-core';
import type {Browser} from 'playwright-core';
import {pages} from './pages.js';
import {foreign} from './foreign.js';
import {times} from './times.js';

// Grafana's library looks for the language of a browser, which Node 20 has none of.
(globalThis as {navigator?: object}).navigator ??= {language: 'en-US', languages: ['en-US']};

const TESTS: Record<string, (browser: Browser, rest: string[]) => Promise<object>> = {pages, foreign, times};

async function main([test, executablePath, ...rest]: string[]): Promise<void> {
  const browser = await chromium.launch({executablePath: executablePath!, args: ['--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.example 127.0.0.1'], chromiumSandbox: false});
  try {
    console.log(JSON.stringify(await TESTS[test!]!(browser, rest), null, 1));
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
