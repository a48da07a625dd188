/**
 * What `--json` prints: the library's own data. Times are ISO 8601 in UTC; 64-bit counts are numbers, and beyond what
 * a double holds exactly, decimal strings.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? jsonCount(part) : part), indent);
}

function jsonCount(count: bigint): number | string {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);
}
