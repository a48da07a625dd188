/** A processor, under the names it has with Node, Debian and rpm. */
export interface Architecture {
  readonly node: 'x64' | 'arm64';
  readonly deb: string;
  readonly rpm: string;
}

export const ARCHITECTURES: readonly Architecture[] = [
  { node: 'x64', deb: 'amd64', rpm: 'x86_64' },
  { node: 'arm64', deb: 'arm64', rpm: 'aarch64' },
];
