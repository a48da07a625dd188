import type { HostInterface, TakesOffVlanTags } from './host.js';

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

/**
 * The VLANs on an interface whose frames reach the program without their tags. Of a veth, its other end decides.
 *
 * @param all of the host's.
 */
export function hiddenVlans(
  { name, isVeth }: Pick<HostInterface, 'name' | 'isVeth'>,
  all: readonly HostInterface[],
  takesOffVlanTags: TakesOffVlanTags,
): string[] {
  if (isVeth || !takesOffVlanTags(name)) return [];
  return all.filter(({ vlan }) => vlan?.parent === name).map((vlan) => vlan.name);
}

/** What to tell of an interface that hides VLANs. @param vlans at least one. */
export function hiddenProblem(name: string, vlans: readonly string[]): string {
  return (
    `what comes by ${vlans.join(' and ')} looks as if it came by ${name}, which takes the VLAN tags off before the ` +
    `forwarder sees them: \`ethtool -K ${name} rxvlan off\``
  );
}
