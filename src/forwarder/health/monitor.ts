import { CHECK_PORTS } from '../ports.js';
import type { HealthSettings } from '../settings.js';
import { checkOf } from './check-of.js';
import { type Checked, Checker, type Group } from './checker.js';
import { LocalPorts } from './local-ports.js';
import { type BackendCounts, FAILURES_IN_A_ROW, Passive } from './passive.js';
import { afterCheck, type HealthState, known, UNCHECKED } from './state.js';
import type { Target } from './target.js';

/** A service whose backends are watched. */
export interface WatchedService {
  readonly number: number;
  readonly health: HealthSettings;
  readonly backends: readonly WatchedBackend[];
}

export interface WatchedBackend {
  readonly number: number;
  readonly target: Target;
  /** What an earlier daemon has found; undefined where nobody has looked. */
  readonly up: boolean | undefined;
}

/** A backend came up or went down. */
export interface HealthChange {
  readonly service: number;
  readonly backend: number;
  readonly up: boolean;
  readonly why: string;
}

/** What is known of a backend beyond up and down. */
export interface HealthDetail {
  /** When it came up or went down. */
  readonly since?: Date;
  /** Why the last check failed, if it did. */
  readonly failure?: string;
}

interface Patient {
  readonly target: Target;
  readonly service: WatchedService;
  readonly passive: Passive;
  state: HealthState;
  since?: Date;
  failure: string | undefined;
}

/** Watches backends, by checks and by what becomes of the clients' connections. */
export class HealthMonitor implements Disposable {
  readonly #changed: (change: HealthChange) => void;
  readonly #checked: (checked: Checked) => void;
  readonly #countsOf: (backend: number) => BackendCounts;
  readonly #checker = new Checker((checked) => this.#hear(checked));
  readonly #ports = new LocalPorts(CHECK_PORTS);
  #patients = new Map<number, Patient>();

  /**
   * @param countsOf what the program has counted of a backend
   * @param changed told at once
   * @param checked told of every check of a backend that is watched
   */
  constructor(
    countsOf: (backend: number) => BackendCounts,
    changed: (change: HealthChange) => void,
    checked: (checked: Checked) => void,
  ) {
    this.#countsOf = countsOf;
    this.#changed = changed;
    this.#checked = checked;
  }

  /** Watches these from now on. Of backends that it has watched before it goes by what it knows. */
  watch(services: readonly WatchedService[]): void {
    const before = this.#patients;
    this.#patients = new Map();
    const groups: Group[] = [];
    for (const service of services) {
      const { number, health, backends } = service;
      for (const backend of backends) this.#admit(service, backend, before.get(backend.number));
      if (health.type !== 'none')
        groups.push({
          id: number,
          intervalMs: health.interval,
          check: checkOf(this.#ports, health),
          backends: backends.map(({ number, target }) => ({ id: number, target })),
        });
    }
    this.#checker.set(groups);
  }

  /** Looks at what became of the clients' connections since the last time. */
  lookAtConnections(): void {
    for (const [number, patient] of this.#patients) {
      if (patient.service.health.type === 'none') continue;
      const failures = patient.passive.look(this.#countsOf(number));
      if (failures === undefined || !patient.state.up) continue;
      if (failures.refused >= FAILURES_IN_A_ROW)
        this.#set(number, patient, known(false), `${failures.refused} connections in a row refused`);
      else this.#doubt(number, patient);
    }
  }

  /** What clients were not answered to may be their own doing (a wrong checksum, say): a check at once decides alone. */
  #doubt(number: number, patient: Patient): void {
    patient.state = UNCHECKED;
    this.#checker.checkAtOnce(patient.service.number, { id: number, target: patient.target });
  }

  detail(backend: number): HealthDetail {
    const { since, failure } = this.#patients.get(backend) ?? {};
    return { ...(since && { since }), ...(failure !== undefined && { failure }) };
  }

  [Symbol.dispose](): void {
    this.#checker[Symbol.dispose]();
  }

  #admit(service: WatchedService, { number, target, up }: WatchedBackend, before: Patient | undefined): void {
    const same = before?.target.address === target.address && before.target.port === target.port;
    const patient: Patient = {
      target,
      service,
      passive: same ? before.passive : new Passive(this.#countsOf(number)),
      state: same ? before.state : up === undefined ? UNCHECKED : known(up),
      failure: same ? before.failure : undefined,
      ...(same && before.since && { since: before.since }),
    };
    this.#patients.set(number, patient);
    if (service.health.type === 'none' && !patient.state.up)
      this.#set(number, patient, known(true), 'it is not checked any more');
  }

  #hear(checked: Checked): void {
    const { group, backend, failure } = checked;
    const patient = this.#patients.get(backend);
    // A check that was under way when the settings changed.
    if (patient === undefined || patient.service.number !== group || patient.service.health.type === 'none')
      return;
    this.#checked(checked);
    patient.failure = failure;
    const state = afterCheck(patient.state, failure === undefined, patient.service.health);
    this.#set(backend, patient, state, failure ?? 'it answers');
  }

  #set(backend: number, patient: Patient, state: HealthState, why: string): void {
    const { up } = patient.state;
    patient.state = state;
    if (state.up === up) return;
    patient.since = new Date();
    this.#changed({ service: patient.service.number, backend, up: state.up, why });
  }
}
