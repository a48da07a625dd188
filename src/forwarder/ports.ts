/** The local ports that are handed out. */
export const LOCAL_PORTS = { first: 1_024, count: 64_512 } as const;
