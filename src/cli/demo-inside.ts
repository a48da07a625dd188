/** What `truepeer demo` runs in isolation: `demo-inside.js [--json]`. */
import { runDemo } from '../demo/demo.js';
import { reportFailure } from './failure.js';
import { printJson } from './print.js';
import { showDemo } from './show/demo.js';
import { styleOf } from './style.js';

try {
  const json = process.argv.includes('--json');
  const report = await runDemo((sentence) => console.error(sentence));
  if (json) printJson(report);
  else console.log(showDemo(report, styleOf(process.stdout)).join('\n'));
  process.exitCode = report.works ? 0 : 1;
} catch (error) {
  process.exitCode = reportFailure(error);
}
