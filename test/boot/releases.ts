/** A Debian release that is booted. */
export interface Release {
  /** What one calls it on the command line. */
  readonly name: string;
  readonly suite: string;
}

export const RELEASES: readonly Release[] = [
  { name: '13', suite: 'trixie' },
  { name: '12', suite: 'bookworm' },
];
