import { spawnSync } from 'node:child_process';

const DECOMPRESSORS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  fd377a58: ['xz', '-dc'],
  '28b52ffd': ['zstd', '-dcq'],
  '1f8b0800': ['gzip', '-dc'],
  '02214c18': ['lz4', '-dcq'],
};

/**
 * The kernel inside a bzImage. Booting that saves seconds in an emulator, where a bzImage unpacks itself.
 *
 * Offsets are those of Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length.
 *
 * @throws {Error} where it is not compressed as Debian does.
 */
export function vmlinuxOf(image: Buffer): Buffer {
  const protectedMode = ((image[0x1f1] || 4) + 1) * 512;
  const start = protectedMode + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  const magic = payload.toString('hex', 0, 4);
  const decompressor = DECOMPRESSORS[magic];
  if (decompressor === undefined) throw new Error(`the kernel is compressed in an unknown way: ${magic}`);
  const [command, ...args] = decompressor;
  // The payload ends in four bytes of size, of which decompressors complain after their work is done.
  const { stdout } = spawnSync(command, args, { input: payload, maxBuffer: 1 << 30 });
  if (stdout?.toString('latin1', 0, 4) !== '\x7fELF')
    throw new Error(`${command} could not unpack the kernel`);
  return stdout;
}
