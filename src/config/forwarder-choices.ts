import type { HEALTH_TYPES, HealthSettings, ProbeSettings, ToaSettings } from '../forwarder/settings.js';
import { kindsOfProfile } from '../tagger/settings.js';
import { Format, parseKind } from '../wire/index.js';
import { SettingError } from './errors.js';

/** What `toa:` says. */
export interface ToaChoice extends Pick<ToaSettings, 'on' | 'onMissing'> {
  readonly profile?: string;
  readonly kinds?: readonly string[];
}

const DEFAULT_PROFILE = 'dpvs';

/**
 * The kinds that a profile, or a list of kinds, comes to.
 *
 * @throws {SettingError} for both at once, two kinds for one address family, and options without address and port
 */
export function toaSettings({ profile, kinds, on, onMissing }: ToaChoice): ToaSettings {
  if (profile !== undefined && kinds !== undefined)
    throw new SettingError(
      `profile ${profile} and kinds ${kinds.join(', ')} both say which options to write: give one of them`,
    );
  const chosen = kinds ?? kindsWrittenBy(profile ?? DEFAULT_PROFILE);
  const kind4 = kindOf(chosen, Format.IPV4);
  const kind6 = kindOf(chosen, Format.IPV6);
  return { ...(kind4 !== undefined && { kind4 }), ...(kind6 !== undefined && { kind6 }), on, onMissing };
}

function kindsWrittenBy(profile: string): readonly string[] {
  const { ipv4, ipv6 } = kindsOfProfile(profile);
  if (ipv4 === undefined || parseKind(ipv4).format !== Format.IPV4)
    throw new SettingError(
      `profile ${profile} has no option of 8 bytes with address and port, which is what a forwarder writes: ` +
        'choose another, or kinds such as [254/8, 254/20]',
    );
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}

function kindOf(
  chosen: readonly string[],
  format: typeof Format.IPV4 | typeof Format.IPV6,
): number | undefined {
  const unwritable = chosen.find(
    (kind) => !([Format.IPV4, Format.IPV6] as number[]).includes(parseKind(kind).format),
  );
  if (unwritable !== undefined)
    throw new SettingError(
      `cannot write kind ${unwritable}: a forwarder writes kinds of length 8 and 20, such as 254/8`,
    );
  const [first, second] = chosen.filter((kind) => parseKind(kind).format === format);
  if (second !== undefined)
    throw new SettingError(`kinds ${first} and ${second} are for the same clients: give one of them`);
  return first === undefined ? undefined : parseKind(first).kind;
}

/** What `health:` says. */
export interface HealthChoice extends Omit<ProbeSettings, 'type' | 'path' | 'expect'> {
  readonly type: (typeof HEALTH_TYPES)[number];
  readonly path?: string;
  readonly expect?: ProbeSettings['expect'];
}

/** A redirection tells that a server is well, too. */
const GOOD_STATUSES = [[200, 399]] as const;

/** @throws {SettingError} for keys that mean nothing to the type */
export function healthSettings({ type, ...choice }: HealthChoice): HealthSettings {
  const { interval, timeout, path, host, expect } = choice;
  const ofHttp = Object.entries({ path, host, expect }).find(([, value]) => value !== undefined);
  if ((type === 'tcp' || type === 'none') && ofHttp !== undefined)
    throw new SettingError(
      `${ofHttp[0]} means nothing to type ${type}: write type: http or https, or leave it out`,
    );
  if (type === 'none') return { type };
  if (timeout > interval)
    throw new SettingError(
      `timeout ${timeout}ms is longer than interval ${interval}ms: the next probe would start before this one ends`,
    );
  return { type, ...choice, path: path ?? '/', expect: expect ?? GOOD_STATUSES };
}
