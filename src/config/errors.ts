/** A mistake in a configuration file, and where it is. */
export interface ConfigProblem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** A configuration file that cannot be used. The message has one line for each problem, as `file:line:column: ...`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(
      problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
      options,
    );
    this.file = file;
    this.problems = problems;
  }
}

/** A configuration file that cannot be read at all. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** A configuration file that says nothing about the role that is asked for. */
export class NoSectionError extends Error {
  override readonly name = 'NoSectionError';

  constructor(file: string, section: string) {
    super(`${file} has no section \`${section}:\`: docs/configuration.md tells what to write there`);
  }
}

/** Words that cannot be a setting, and are neither an address, a kind nor a profile. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Nothing says whose TOA shall be believed. */
export class NoTrustError extends Error {
  override readonly name = 'NoTrustError';

  constructor() {
    super(
      'whose TOA shall be believed? Name the addresses that your forwarders connect from, such as ' +
        '--trust 10.0.0.0/8, or `trust:` in the configuration. --trust any is what the classic modules do: ' +
        'then everybody who can connect can claim any address',
    );
  }
}
