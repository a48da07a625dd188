import type { TestEvent } from 'node:test/reporters';
import { line } from './collector.js';
import type { Outcome } from './results.js';

/**
 * For `node --test`: one line of JSON for each test, as soon as it ended. What
 * counts is whoever makes a claim of its own: a `describe` is as many tests as are in it, a test with steps is one.
 */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  /** By nesting: what ended there, and waits for what surrounds it. */
  const inner: Outcome[][] = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { nesting } = data;
    const outcomes = outcomesOf(data, type === 'test:fail', inner[nesting + 1] ?? []);
    inner[nesting + 1] = [];
    if (nesting === 0) yield outcomes.map(line).join('');
    else inner[nesting] = [...(inner[nesting] ?? []), ...outcomes];
  }
}

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>['data'];

function outcomesOf(data: Ended, failed: boolean, inner: readonly Outcome[]): readonly Outcome[] {
  const isGroup = data.details.type === 'suite';
  if (isGroup && inner.length > 0) {
    const failedItself = failed && inner.every(({ state }) => state !== 'failed');
    const named = inner.map((outcome) => ({ ...outcome, name: `${data.name}: ${outcome.name}` }));
    return failedItself ? [...named, outcomeOf(data, failed)] : named;
  }
  return [outcomeOf(data, failed)];
}

function outcomeOf(data: Ended, failed: boolean): Outcome {
  return {
    name: data.name,
    state: failed ? 'failed' : data.skip === undefined ? 'passed' : 'skipped',
    ...(typeof data.skip === 'string' && { why: data.skip }),
    ...('error' in data.details && { why: reasonOf(data.details.error) }),
    ms: Math.round(data.details.duration_ms),
  };
}

/** What the test threw; node:test wraps it. */
function reasonOf(error: Error & { cause?: unknown }): string {
  const thrown = error.cause ?? error;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
