import { basename } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { line, type TestResult } from './results.js';

/** For `node --test`: one line of JSON for each test, as soon as it ended. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting > 0) continue;
    const result: TestResult = {
      suite: basename(data.file ?? '', '.e2e.js'),
      name: data.name,
      state: type === 'test:fail' ? 'failed' : data.skip === undefined ? 'passed' : 'skipped',
      ...(typeof data.skip === 'string' && { why: data.skip }),
      ...(type === 'test:fail' && { why: reasonOf(data.details.error) }),
      ms: Math.round(data.details.duration_ms),
    };
    yield line(result);
  }
}

/** What the test threw; node:test wraps it. */
function reasonOf(error: Error & { cause?: unknown }): string {
  const thrown = error.cause ?? error;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
