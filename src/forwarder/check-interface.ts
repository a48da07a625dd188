import { familyOfText } from './family.js';
import type { HostFacts, HostInterface } from './host.js';
import { deafProblem, hiddenProblem, hiddenVlans } from './offloads.js';
import { error, type Problem, warning } from './problem.js';
import type { ForwarderSettings } from './settings.js';

/** What is wrong with an interface that the settings name. */
export function checkInterface(
  name: string,
  at: number,
  settings: ForwarderSettings,
  { interfaces, attached, isForwarding, takesRedirects, takesOffVlanTags }: HostFacts,
): Problem[] {
  const path = ['interfaces', at] as const;
  const found = interfaces.find((one) => one.name === name);
  if (found === undefined) {
    const names = interfaces.filter(({ isLoopback }) => !isLoopback).map((one) => one.name);
    return [error(path, `there is no interface ${name}: there are ${names.join(', ') || 'none'}`)];
  }
  if (found.isLoopback)
    return [error(path, `${name} is the loopback interface: name one that packets arrive by`)];
  if (found.vlan !== undefined)
    return [error(path, `${name} is a VLAN on ${found.vlan.parent}: name that; its VLANs come with it`)];
  const problems: Problem[] = [];
  if (!found.isUp) problems.push(warning(path, `${name} is down: \`ip link set ${name} up\``));
  for (const family of familiesOf(settings))
    if (!isForwarding(family, name))
      problems.push(
        error(
          path,
          `the kernel does not forward IPv${family} from ${name}, and so tells no routes for it: ` +
            `\`sysctl -w ${family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'}=1\``,
        ),
      );
  // The drivers of cards begin to take them when a program is attached.
  if (found.isVeth && !settings.generic && takesRedirects(found.ifindex) === false)
    problems.push(warning(path, deafProblem(name, true)));
  const vlans = hiddenVlans(found, interfaces, takesOffVlanTags);
  if (vlans.length > 0) problems.push(warning(path, hiddenProblem(name, vlans)));
  return [...problems, ...checkXdp(found, path, settings, attached)];
}

/** Whether our program can be where it shall be. */
function checkXdp(
  { name, xdp }: HostInterface,
  path: Problem['path'],
  settings: ForwarderSettings,
  attached: HostFacts['attached'],
): Problem[] {
  if (xdp === undefined) return [];
  const isOurs = attached?.interfaces.has(name);
  if (isOurs === undefined)
    return [
      warning(
        path,
        `an XDP program (id ${xdp.programId}) is attached to ${name}, and only root can tell whose it is: check as root`,
      ),
    ];
  if (!isOurs)
    return [
      error(
        path,
        `another XDP program (id ${xdp.programId}) is attached to ${name}: detach it by what attached it, or with ` +
          `\`ip link set dev ${name} xdp off\``,
      ),
    ];
  if (xdp.mode === (settings.generic ? 'generic' : 'native')) return [];
  return [
    error(
      ['generic'],
      `the forwarder on ${name} is attached in ${xdp.mode} mode, which cannot change while it has connections: ` +
        'run `truepeer forwarder detach` first, which ends them',
    ),
  ];
}

/** Those that packets of are looked up routes for. */
function familiesOf({ services }: ForwarderSettings): Set<4 | 6> {
  return new Set(
    services.flatMap(({ listen, backends }) => [
      familyOfText(listen.address),
      ...backends.map(({ endpoint }) => familyOfText(endpoint.address)),
    ]),
  );
}
