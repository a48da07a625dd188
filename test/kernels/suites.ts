/** End-to-end suites that prove too little about a kernel for the time they would take in emulation. */
export const LEFT: Readonly<Record<string, string>> = {
  cli: 'a hundred commands; what they say does not depend on the kernel',
  'cli-reading': 'as cli',
  compilers: 'compiles, and the kernels are given what one of the compilers made',
  demo: 'the chain of servers-nginx once more',
  'forwarder-backends': 'about health checks, whose time-outs an emulated machine does not keep',
  'forwarder-check': 'as cli',
  'forwarder-many': '64,000 backends',
  'forwarder-metrics': 'as cli',
  'forwarder-requests': 'about load',
  library: 'asks the kernel what semantics-info asks, and is slow to start',
  'lifecycle-concurrent': 'as lifecycle-kill',
  'lifecycle-kill': 'starts the control plane over and over, at half a minute each',
  'lifecycle-load': 'about races under load',
  'lifecycle-readers': 'about races under load',
  malformed: 'the parser is the same code on every kernel',
  'servers-go': 'compiles its server',
  'servers-java': 'compiles its server',
  'tagger-cli': 'as cli',
  'tagger-detach': 'about races under load',
  'tagger-kill': 'as lifecycle-kill',
  'tagger-lifecycle': 'about races under load',
  'tagger-programs': 'compiles its proxy',
  'trust-change': 'about races under load',
};

/** What CI has time for: every role at work between real servers, where the kernel has what it needs. */
export const FEW: readonly string[] = [
  'forwarder-packets-handshake',
  'forwarder-packets-tagging',
  'semantics-accept',
  'semantics-info',
  'servers-nginx',
  'tagger-nginx',
];
