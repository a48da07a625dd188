/*
 * A veth is a cable that leaves work to network cards which are not there. Whether its other end does it right is mostly
 * that one's secret: it may be in another network namespace.
 */

/** What to tell of an interface that drops the frames that are redirected to it. */
export function deafProblem(name: string, isVeth: boolean): string {
  return isVeth
    ? `nothing that is forwarded leaves by ${name}: the other end of a veth takes such frames with ` +
        '`ethtool -K PEER gro on` only, PEER being its name there'
    : `nothing that is forwarded leaves by ${name}: its driver takes no redirected frames; see \`ethtool -i ${name}\``;
}

/** What to tell where checksums arrive that nobody has computed. @param names of the veths that they may come by. */
export function unsummedProblem(names: readonly string[]): string {
  return (
    'connections are dropped, for their checksums were left to a network card that is not there (dropUnsummed): ' +
    `\`ethtool -K PEER tx off\` at the other end of ${names.join(', ') || 'each interface'}`
  );
}
