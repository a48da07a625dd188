import { isDeepStrictEqual } from 'node:util';
import { type Endpoint, formatEndpoint } from '../wire/index.js';
import type { Tables } from './tables.js';

/** What a daemon lets metrics look at. */
export interface Observed {
  readonly tables: Tables;
  /** Concurrent connections that there is room for. */
  readonly capacity: number;
  /** How many slots of the table were in each of {@link STATE} at the last visit; undefined before the first. */
  readonly slotsByState: readonly number[] | undefined;
}

/** A health check that is done. */
export interface HealthCheck {
  readonly service: string;
  readonly succeeded: boolean;
  readonly seconds: number;
}

/** Serves what a daemon knows to whoever monitors it. */
export interface Metrics {
  /**
   * Serves at this address from now on; nowhere where there is none.
   *
   * @throws {MetricsAddressError} and then it serves where it did before.
   */
  serveAt(address: Required<Endpoint> | undefined): Promise<void>;
  /** Goes by this; before, there is nothing to serve. */
  observe(observed: Observed): void;
  count(check: HealthCheck): void;
  close(): void;
}

/** What is different about where metrics are served, as a sentence; none where nothing is. */
export function describeMetrics(
  before: Required<Endpoint> | undefined,
  after: Required<Endpoint> | undefined,
): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  return [
    after ? `metrics: served on http://${formatEndpoint(after)}/metrics` : 'metrics: not served any more',
  ];
}

/** Metrics cannot be served there. */
export class MetricsAddressError extends Error {
  override readonly name = 'MetricsAddressError';
}
