import { IsolationError } from './errors.js';
import { runIsolated } from './isolate.js';

// `node dist/src/lab/isolated-main.js COMMAND [ARGUMENT...]`: runs it where nothing it does can stay.
const argv = process.argv.slice(2);
if (argv.length === 0) {
  console.error('truepeer: which command shall run isolated? usage: isolated-main.js COMMAND [ARGUMENT...]');
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await runIsolated(argv);
  } catch (error) {
    if (!(error instanceof IsolationError)) throw error;
    console.error(`truepeer: ${error.message}`);
    process.exitCode = 125;
  }
}
