/** A Linux version as features are dated by: `5.10`. */
export type KernelVersion = `${number}.${number}`;

/** Whether a kernel of this release (`uname -r`: `5.10.0-28-amd64`) is as new as a version. */
export function isAtLeast(release: string, version: KernelVersion): boolean {
  return compare(parse(release), parse(version)) >= 0;
}

/** The newest of at least one version. */
export function newest(versions: readonly KernelVersion[]): KernelVersion {
  return versions.reduce((one, other) => (compare(parse(one), parse(other)) >= 0 ? one : other));
}

type MajorMinor = readonly [number, number];

function parse(release: string): MajorMinor {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined)
    throw new RangeError(`"${release}" is no kernel release: one looks like 5.10.0-28-amd64`);
  return [Number(major), Number(minor)];
}

function compare(one: MajorMinor, other: MajorMinor): number {
  return one[0] - other[0] || one[1] - other[1];
}
