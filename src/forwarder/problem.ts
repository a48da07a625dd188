/** Something that is wrong with settings, by themselves or on this host. */
export interface Problem {
  /** Where in the section `forwarder:`, such as `['services', 0, 'listen']`. */
  readonly path: readonly (string | number)[];
  /** With an error nothing is changed; a warning may be meant so. */
  readonly severity: 'error' | 'warning';
  /** What is wrong, and what would be right. */
  readonly message: string;
}

export function error(path: Problem['path'], message: string): Problem {
  return { path, severity: 'error', message };
}

export function warning(path: Problem['path'], message: string): Problem {
  return { path, severity: 'warning', message };
}
