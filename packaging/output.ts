/** Where a package goes, and how small. */
export interface Output {
  readonly folder: string;
  readonly compression: Compression;
}

/** Every release that we support reads xz; none is for tests, which would wait for minutes otherwise. */
export type Compression = 'xz' | 'none';

/** Several times what it takes: machines are slow, and busy. */
export const COMPRESSION_MS = 900_000;
