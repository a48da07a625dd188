/** What every format of package says about TruePeer. */
export const ABOUT = {
  maintainer: 'TruePeer maintainers <maintainers@truepeer.invalid>',
  summary: 'real client addresses for servers behind layer-4 proxies',
  licence: 'Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause) AND MIT AND ISC',
  paragraphs: [
    'A layer-4 forwarder makes its own connection to a server, so the server sees the forwarder. Many forwarders put the ' +
      "client's address into a TCP option (TOA). TruePeer reads it in the kernel, with eBPF, and lets accept() and " +
      'getpeername() answer with the client, for every program, unchanged.',
    'It also lets unmodified HAProxy, nginx and Envoy send TOA, and it tells of every connection why it has a client ' +
      'address or none. Nothing is attached by the installation.',
  ],
} as const;

/** Words in lines of at most so many characters. */
export function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
