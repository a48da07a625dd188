import type { DemoReport } from '../../demo/demo.js';
import { PLAIN, type Style } from '../style.js';
import { table } from '../table.js';

const NAMES = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;
const WAYS = { nginx: 'nginx with tagger', truepeer: 'TruePeer forwarder' } as const;

/** What the demo found, and how to have it for real. */
export function showDemo(report: DemoReport, style: Style = PLAIN): string[] {
  const { rows, forwarderRefused, works, established, tagged } = report;
  const titles = ['through', '', 'client', 'logged without receiver', 'logged with receiver'];
  const columns = titles.map((title) => ({ title }));
  return [
    '',
    style.heading("The backend's access log, for the same request:"),
    '',
    ...table(
      columns,
      rows.map((row) => [
        WAYS[row.through],
        NAMES[row.family],
        row.client,
        row.without,
        row.with === row.client ? style.good(row.with) : style.bad(row.with),
      ]),
      style,
    ).map((line) => `  ${line}`),
    ...(forwarderRefused === undefined ? [] : ['', `No TruePeer forwarder here: ${forwarderRefused}`]),
    '',
    `The receiver saw ${established} connections established and knew the client of ${tagged}.`,
    works
      ? 'It works: nginx logs the client, and nothing but the receiver was added to its host.'
      : style.bad('It does not work here: `truepeer doctor` tells what is missing.'),
    '',
    style.heading('For real, on a backend behind a forwarder that sends TOA:'),
    '  truepeer receiver attach --trust FORWARDER-ADDRESS    until detached; the next boot starts without it',
    '  truepeer receiver status                              is it there, and does it work',
    '  truepeer receiver explain --follow                    why a connection has no client address',
    '  truepeer receiver detach                              and no trace is left',
    '',
    style.heading('For real, on a forwarder:'),
    '  truepeer forwarder run --config FILE                  XDP: client addresses as TOA to every backend',
  ];
}
