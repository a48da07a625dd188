import { AddressError, formatAddress, parseAddress } from './address.js';

/**
 * An address, as canonical text, and a TCP port where there is one: the
 * address-only formats (kind 28) and VTOA6's VIP carry none.
 */
export interface Endpoint {
  readonly address: string;
  /** 0..65535. A port of 0 is sayable on the wire; whether to believe it is the receiver's business. */
  readonly port?: number;
}

const BRACKETED = /^\[([^[\]]*)\]:([^:]*)$/;
const PLAIN = /^([^:[\]]*):([^:]*)$/;
const DECIMAL_PORT = /^(0|[1-9][0-9]{0,4})$/;

function refusal(text: string, reason: string): AddressError {
  return new AddressError(`${JSON.stringify(text)}: ${reason}`);
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads `203.0.113.7:4242` or `[2001:db8::1]:4242`.
 *
 * @returns the address as canonical text, and the port
 * @throws {AddressError} when the address, the port or the brackets are wrong
 */
export function parseEndpoint(text: string): Required<Endpoint> {
  const bracketed = BRACKETED.exec(text);
  const [, host, portText] = bracketed ?? PLAIN.exec(text) ?? [];
  if (host === undefined || portText === undefined) {
    const bare = isAddress(text);
    const unbracketed = text.includes(':') && !text.includes('[');
    if (bare && unbracketed) throw refusal(text, `no port, or no brackets: write [${text}]:PORT`);
    if (bare) throw refusal(text, `no port: write ${text}:PORT`);
    throw refusal(text, 'not an address and a port: write 203.0.113.7:4242 or [2001:db8::7]:4242');
  }
  if ((bracketed !== null) !== host.includes(':')) {
    throw refusal(text, 'brackets are for IPv6: write 203.0.113.7:4242 or [2001:db8::7]:4242');
  }
  const address = formatAddress(parseAddress(host));
  if (!DECIMAL_PORT.test(portText) || Number(portText) > 65535) {
    throw refusal(text, `${JSON.stringify(portText)} is not a port: write one from 0 to 65535`);
  }
  return { address, port: Number(portText) };
}

/** `203.0.113.7:4242`, `[2001:db8::1]:4242`, or the bare address where there is no port. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint;
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
