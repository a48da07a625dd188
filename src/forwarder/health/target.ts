/** Where a check goes. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Tries a backend once: why it failed, in a few words, or undefined where it did not. It never rejects. */
export type Check = (target: Target) => Promise<string | undefined>;

/** Why a check failed, as an operator says it. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message.replace(/\s+/g, ' ').trim();
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  // OpenSSL's words, several lines of them, are about its own source.
  EPROTO: 'no TLS',
  EADDRNOTAVAIL: 'no free local port',
};
