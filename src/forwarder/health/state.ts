/** How many checks in a row change a backend's state. */
export interface Rules {
  /** Successes that bring a backend up. */
  readonly rise: number;
  /** Failures that take it down. */
  readonly fall: number;
}

/** What is known of a backend's health. */
export interface HealthState {
  readonly up: boolean;
  /** Checks in a row that contradict `up`. */
  readonly against: number;
  /** Whether nothing has been heard of it yet: then a single check decides. */
  readonly fresh: boolean;
}

/**
 * A backend that nobody has checked yet counts as up, or a forwarder would refuse everybody until the first checks are
 * done; its first check decides at once.
 */
export const UNCHECKED: HealthState = { up: true, against: 0, fresh: true };

/** What an earlier daemon has found. */
export function known(up: boolean): HealthState {
  return { up, against: 0, fresh: false };
}

/** The state after one more check. */
export function afterCheck(state: HealthState, succeeded: boolean, { rise, fall }: Rules): HealthState {
  if (succeeded === state.up) return known(state.up);
  const against = state.against + 1;
  const needed = state.fresh ? 1 : succeeded ? rise : fall;
  return against >= needed ? known(succeeded) : { ...state, against };
}
