/** The local ports that are handed out. */
export const LOCAL_PORTS = { first: 1_024, count: 64_000 } as const;

/**
 * The others above them are for checks of this host's own: these often come from a local address, too, and from a port
 * that is in use by a forwarded connection to the same backend, a healthy one would not answer.
 */
export const CHECK_PORTS = { first: 65_024, count: 512 } as const;
