import { type Figure, formatGoal, formatSpread, formatValue, type Group, verdictOf } from './figure.js';
import { describeMachine } from './machine.js';
import type { Report } from './report.js';

/** Headings of the groups, and how their figures came about. */
const GROUPS: Readonly<Record<Group, readonly [heading: string, method: string]>> = {
  connections: [
    'New connections',
    `The rate with the receiver over the rate without. Clients, their tagger and the server run on one core, so that every
nanosecond the receiver takes is missing from the next connection; the rate is per second of that core's time, for the
clock also runs while others have the core. Each sample is a pair of runs that follow each other, in turns. Tagged
connections are tagged in both by the same tagger; for the others, without the receiver, the kernel runs no program.`,
  ],
  programs: [
    "The programs, by the kernel's own statistics",
    `\`BPF_ENABLE_STATS\` sums up how long each program ran. That sum holds most of what reading the clock takes, so a
program that does nothing runs beside the receiver's at the same hook, and its time is taken off: without statistics
nobody pays it. "Raw" is the figure before that. For a connection, it is the sum over all calls that the kernel makes
to the program while the connection comes about, most of which have nothing to do with TOA; not the average call.

Beside them is what the kernel has for keeping something of a socket, used for eight bytes and nothing else: the
socket's storage, which lives and dies with it, and for which the kernel allocates memory twice that the processor has
long forgotten; and a hash table of a million entries by the socket's cookie, each of which has to be taken out when the
socket closes, which counts here. The receiver keeps clients in an array by the cookie, which counts up, so that the next
place is at hand; giving it back when the socket closes counts, too. Where the place is another's, it takes the storage.`,
  ],
  calls: [
    'System calls of programs that never ask for a client',
    `What is added to a whole call on a connection without TOA, in rounds that take the three states in turn. With a
getsockopt program the kernel copies every answer once more and locks the socket, whatever the program does;
\`--no-sockopt\` leaves it out.`,
  ],
  attach: ['Attaching', 'The whole command, again and again, in a cgroup of its own.'],
  memory: [
    'Memory',
    `What an attach takes for 65,536 connections, and what each that is held open takes with the receiver, less what it
takes without; that is given back when the socket goes.`,
  ],
  proxies: [
    'HAProxy and nginx, with the tagger',
    `What each way for the backend to know the client leaves of the proxy's connections per second, and of its throughput
in answers of 32 MiB: over the same proxy without any. In each round all take turns, going through the same processes:

- the tagger on the proxies, which is what the goals are about;
- the least in its place: the same hooks, with programs that note the client in an array, undo the bind, and do nothing
  else; nobody writes an option. What this lacks to 1 is the proxy's own system calls to bind, and the kernel's calls of
  programs, of this proxy and of all others on the machine, which no tagger can spare;
- a bind to an address of the proxy's own, with nothing attached: the system calls to bind alone, of which HAProxy makes
  one more with a tagger;
- the tagger, and the receiver on the backend, which is the same machine here;
- the PROXY protocol, of which nginx sends version 1 only;
- neither, once more: how far this is from 1 is what the measuring itself is worth.

HAProxy in \`mode tcp\` and nginx stream with one thread or worker each, the client, and nginx as the backend all run on
one core, so that rates are per second of that core's time, and every connection is a new one from end to end. What the
programs themselves take of a connection is by the kernel's statistics, as above.`,
  ],
  forwarder: [
    'The forwarder, beside routing, NAT and proxies',
    `What each leaves of plain routing by the kernel, without any NAT: its rate over that of routing, or routing's latency
over its own. In each round all take turns, between the same client and the same nginx, each on a host of its own: the
kernel alone; TruePeer's XDP program in native mode, with TOA, and with room for a million connections; DNAT and
masquerade by nftables; HAProxy in \`mode tcp\`, without and with version 2 of the PROXY protocol, and nginx stream, with
one thread or worker each. TruePeer's receiver is on the backend for all of them, and must have known every client of
TruePeer's. \`connections\` asks for a few bytes over a new connection each time, \`requests\` over 32 that stay, \`bulk\`
is answers of 32 MiB, and latency is that of one request after the other. Everything runs on one core; rates are per
second of that core's time, which includes what the kernel does for packets outside of any process.

The hosts are network namespaces and the cables veth pairs, all set to the same: \`tx off\`, because a program at the
driver needs checksums that are complete, and with it goes segmentation by the receiver; and \`gro on\`, without which the
far end takes no frames from a program. Both are what network cards do in hardware, and routing and NAT profit from GRO
as they do there. What veth is not like is a card: it copies every segment that goes to an XDP program into a page, and
makes a new socket buffer of every frame that comes from one, which no card's driver does.\n\n![What each leaves of plain routing](bench/forwarder.svg)`,
  ],
  packets: [
    "The forwarder's program, frame by frame",
    `The kernel runs the program on frames that never see a network (\`BPF_PROG_TEST_RUN\`). Each run writes a segment of
another connection, in random order, and calls the program; what the writing takes is measured in turns with a program
that does nothing, and taken off. Segments carry timestamps. Connections look at their routes again once a second, as
always. The programs beside it do what any forwarder must, and nothing else: where a processor waits 200 ns for what its
caches do not hold, reading one line of a million alone takes that.`,
  ],
};

/** docs/benchmarks.md */
export function document({ version, date, machine, figures }: Report): string {
  const groups = (Object.keys(GROUPS) as Group[]).map((group) => {
    const [heading, method] = GROUPS[group];
    return `## ${heading}\n\n${method}\n\n${table(figures.filter((figure) => figure.group === group))}\n`;
  });
  return `# What TruePeer costs

<!-- Written by \`npm run bench -- --write\`: change it there. -->

TruePeer ${version} on ${describeMachine(machine)}, ${date}; load average ${machine.load.toFixed(2)} before.
Medians, and between which values the middle half of the samples lies. Run it yourself: \`sudo npm run bench\`.

![What it costs, as a share of what it may cost](bench/receiver.svg)

${groups.join('\n')}`;
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `**${formatValue(figure.unit, figure.median)}**`,
    formatSpread(figure),
    formatGoal(figure),
    verdictOf(figure) ?? '',
    figure.detail,
  ]);
  const lines = [
    ['', 'measured', 'middle half', 'goal', '', 'from'],
    ['---', '--:', '--:', '--:', '---', '---'],
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
