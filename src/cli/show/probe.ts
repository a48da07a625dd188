import type { ProbeReport } from '../../probe/probe.js';
import { formatEndpoint } from '../../wire/index.js';
import { PLAIN, type Style } from '../style.js';
import { pairs } from '../table.js';

/** What a probe sent and what came back. */
export function showProbe(report: ProbeReport, style: Style = PLAIN): string[] {
  const { backend, client, kind, option, segments, connected, from, sent, received, error } = report;
  const answer = connected ? style.good('connected') : style.bad(error ?? 'not connected');
  return [
    ...pairs(
      [
        ['backend', `${formatEndpoint(backend)}  ${answer}`],
        ['source', from === undefined ? '-' : formatEndpoint(from)],
        ['option', `${kind}  ${option}  client ${formatEndpoint(client)}`],
        ['carried by', `SYN ${segments.syn}, handshake ACK ${segments.ack}, data ${segments.data}`],
        ['sent', quote(sent)],
        ['received', connected && received === '' ? (error ?? 'nothing') : quote(received)],
      ],
      style,
    ),
    ...(connected
      ? [
          '',
          `A backend that believes this host logs ${formatEndpoint(client)}; one that does not logs ${from?.address}.`,
          'On the backend, `truepeer receiver explain --follow` tells which, and why.',
        ]
      : []),
  ];
}

/** The first line; what a terminal must not be sent is escaped. */
function quote(text: string): string {
  const [line = ''] = text.split(/\r?\n/);
  return text === '' ? '-' : JSON.stringify(line);
}
