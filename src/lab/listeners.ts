/** TCP_LISTEN of `enum` in include/net/tcp_states.h, as /proc prints it. */
const LISTEN = '0A';

/**
 * Whether `/proc/net/tcp` or `/proc/net/tcp6` text (proc_net_tcp documentation of the kernel) shows a
 * listening socket on a port, whatever its address. Reading it leaves every counter alone, unlike a trial
 * connection.
 */
export function isListening(table: string, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === LISTEN && local?.endsWith(suffix) === true;
  });
}
