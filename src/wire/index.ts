/**
 * TOA on the wire, with no kernel and no sockets: addresses, the option
 * formats and their codec, the walk over a TCP header's options, and the
 * vendors' profiles.
 */
export { AddressError, familyOf, formatAddress, parseAddress } from './address.js';
export { type Cidr, formatCidr, parseCidr } from './cidr.js';
export { decodeOption, encodeOption, OptionError, type ToaOption } from './codec.js';
export { type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.js';
export {
  ALL_FORMATS,
  type EndpointField,
  FORMATS,
  Format,
  type FormatInfo,
  type FormatName,
  formatBit,
  formatOfLength,
  type IntegerField,
  type SomeFormat,
} from './formats.js';
export { describeOption, HeaderError, headerOptions, type OptionSlice, splitOptions } from './header.js';
export { formatKind, type KindChoice, KindError, parseKind } from './kinds.js';
export {
  DEFAULT_PROFILES,
  KNOWN_OPTIONS,
  KNOWN_RULES,
  PROFILES,
  type Profile,
  type ProfileEntry,
  type Segment,
} from './profiles.js';
export { ProfileError, type ResolvedRules, resolveProfiles } from './resolve.js';
export { ConflictError, type RuleEntry, type RuleTable, ruleTable } from './rules.js';
export { type Found, MAX_OPTIONS, Verdict, type VerdictName, walkOptions } from './walk.js';
