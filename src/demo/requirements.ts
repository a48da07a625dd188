import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NGINX_STREAM_MODULE } from './chain.js';

/** A program that the demo runs is not installed. */
export class DemoRequirementError extends Error {
  override readonly name = 'DemoRequirementError';
}

/** @throws {DemoRequirementError} that says what to install. */
export function requireDemoPrograms(): void {
  const missing = ['nginx', 'curl', 'ip', 'ethtool', 'unshare', 'nsenter', 'setpriv'].filter(
    (name) => !isOnPath(name),
  );
  if (missing.length > 0)
    throw new DemoRequirementError(
      `the demo runs ${missing.join(', ')}, which cannot be found: ` +
        'install with `apt install nginx libnginx-mod-stream curl iproute2 ethtool util-linux`',
    );
  if (!existsSync(NGINX_STREAM_MODULE))
    throw new DemoRequirementError(
      `the demo's forwarder needs nginx's stream module, and there is no ${NGINX_STREAM_MODULE}: ` +
        'install with `apt install libnginx-mod-stream`',
    );
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
