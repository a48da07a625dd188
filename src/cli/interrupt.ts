/** Aborted by Ctrl-C, or SIGTERM: what runs until then ends as it should, with its own exit status. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
