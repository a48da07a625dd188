/** The caller is not root. */
export class PrivilegeError extends Error {
  override readonly name = 'PrivilegeError';

  constructor(what: string) {
    super(`${what} needs root: run it with sudo`);
  }
}

/** @throws {PrivilegeError} */
export function requireRoot(what: string): void {
  if (process.geteuid?.() !== 0) throw new PrivilegeError(what);
}
