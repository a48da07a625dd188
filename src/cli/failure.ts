import { inspect } from 'node:util';

/*
 * Errors are told by name, as every class of ours has one of its own: to import the classes would load all of
 * TruePeer, and libbpf with it, in order to say that an option is misspelt.
 */

/** What an operator has typed cannot be meant. */
const USAGE: ReadonlySet<string> = new Set([
  ...['UsageError', 'NoTrustError', 'SettingError'],
  ...['AddressError', 'ConflictError', 'KindError', 'ProfileError', 'TaggerKindError', 'TrustError'],
]);

/** What an operator can set right. */
const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'AttachedOtherwiseError',
    'NotAttachedError',
    'ClassicReceiverError',
    'ConfigError',
    'ConfigFileError',
    'NoSectionError',
  ],
  ...['NoInterfaceError', 'XdpRefusedError', 'RoomError', 'EgressError', 'IpError', 'MetricsAddressError'],
  ...['ControlError', 'DaemonRunningError', 'NoAnswerError', 'NoDaemonError', 'UnknownNameError'],
  ...[
    'CgroupError',
    'LibbpfMissingError',
    'NoteError',
    'PinDirectoryError',
    'PrivilegeError',
    'UnknownHostError',
    'UnsupportedError',
  ],
  ...['CommandError', 'DemoRequirementError', 'IsolationError', 'NotSeenError'],
]);

/** What a failed command says on standard error, and its exit status. */
export interface Failure {
  /** Without `truepeer: `; one, but for a configuration with several mistakes. */
  readonly lines: readonly string[];
  readonly status: 1 | 2;
}

/** Exit status 2 for a command line that cannot be meant, 1 for everything else that fails. */
export function describeFailure(error: unknown): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (USAGE.has(name)) return { lines: message.split('\n'), status: 2 };
  if (KNOWN.has(name)) return { lines: message.split('\n'), status: 1 };
  if (name === 'KernelError')
    return { lines: [`${message}: \`truepeer doctor\` tells what this kernel lacks`], status: 1 };
  const line = `${name}: ${message}`.replace(/\s*\n\s*/g, ' ');
  return { lines: [`unexpected error, of which TRUEPEER_DEBUG=1 shows more: ${line}`], status: 1 };
}

/** Says it, with the stack if TRUEPEER_DEBUG=1. @returns the exit status */
export function reportFailure(error: unknown): 1 | 2 {
  const { lines, status } = describeFailure(error);
  for (const line of lines) console.error(`truepeer: ${line}`);
  if (process.env.TRUEPEER_DEBUG === '1') console.error(inspect(error));
  return status;
}
