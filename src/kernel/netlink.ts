import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { KernelError } from './errors.js';

/** From include/uapi/linux/netlink.h and socket.h. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLMSG_ERROR = 2;
const NLMSGERR_ATTR_MSG = 1;
const ATTRIBUTE_TYPE = 0x3fff;
/** Bytes of struct nlmsghdr, and of a refusal up to its attributes: error, header of the request. */
const HEADER = 16;
const REFUSAL = 4 + HEADER;
const REQUESTS_BYTES = 4_096;
const ANSWER_BYTES = 16_384;

// null: the symbols of the running program, so also those of whichever C library it uses.
const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, void *value, unsigned int length)');
const send = libc.func('long send(int fd, void *bytes, size_t length, int flags)');
const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');

/** What the kernel answered to a request. */
export interface Answer {
  /** Positive errno value; 0: done. */
  readonly errno: number;
  /** Why, in the words of whoever refused, such as a driver; empty where it said none (extended ACK, Linux 4.12). */
  readonly words: string;
  /** What was asked for, where it was something. It is valid until the next request. */
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Requests in one go: what the kernel answers to them has to fit the socket's buffer. */
const BATCH = 16;

/** Whom to ask: about links and routes (rtnetlink(7)), or what has a family of its own in generic netlink. */
export const NETLINK = { route: 0, generic: 16 } as const;

/** Asks the kernel by netlink(7). */
export class NetlinkSocket implements Disposable {
  readonly #fd: number;
  // One for all: whatever is passed to native code is memory of its own, and slow to make.
  readonly #requests = Buffer.alloc(REQUESTS_BYTES);
  readonly #answer = Buffer.alloc(ANSWER_BYTES);

  /** @throws {KernelError} where there is no netlink */
  constructor(protocol: (typeof NETLINK)[keyof typeof NETLINK] = NETLINK.route) {
    this.#fd = must('open a netlink socket', socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol));
    const on = Buffer.from([1, 0, 0, 0]);
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK])
      must('set up a netlink socket', setsockopt(this.#fd, SOL_NETLINK, option, on, on.length));
  }

  /**
   * Asks for some things, such as by RTM_GET*.
   *
   * @param take is given each answer, in the order of the payloads; its body is valid until it returns.
   * @throws {KernelError}
   */
  get(type: number, payloads: readonly Uint8Array[], take: (answer: Answer, index: number) => void): void {
    for (let first = 0; first < payloads.length; first += BATCH) {
      const batch = payloads.slice(first, first + BATCH);
      let end = 0;
      for (const payload of batch) end = this.#put(end, type, NLM_F_REQUEST, payload);
      this.#send(end);
      batch.forEach((_, at) => {
        take(this.#receive(), first + at);
      });
    }
  }

  /** Has something done. @throws {KernelError} */
  set(type: number, payload: Uint8Array): Answer {
    this.#send(this.#put(0, type, NLM_F_REQUEST | NLM_F_ACK, payload));
    return this.#receive();
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #put(at: number, type: number, flags: number, payload: Uint8Array): number {
    const size = HEADER + payload.length;
    this.#requests.fill(0, at, at + HEADER);
    this.#requests.writeUInt32LE(size, at);
    this.#requests.writeUInt16LE(type, at + 4);
    this.#requests.writeUInt16LE(flags, at + 6);
    this.#requests.set(payload, at + HEADER);
    return at + aligned(size);
  }

  #send(length: number): void {
    must('send a netlink request', send(this.#fd, this.#requests, length, 0));
  }

  #receive(): Answer {
    const length = must('receive a netlink answer', receive(this.#fd, this.#answer, ANSWER_BYTES, 0));
    const body = this.#answer.subarray(HEADER, length);
    if (this.#answer.readUInt16LE(4) !== NLMSG_ERROR) return { errno: 0, words: '', body };
    const errno = -body.readInt32LE();
    const words = attribute(body, REFUSAL, NLMSGERR_ATTR_MSG)?.toString('utf8') ?? '';
    return { errno, words: words.replace(/\0.*$/, ''), body: NOTHING };
  }
}

/** One attribute: struct nlattr and its value. */
export function toAttribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + aligned(value.length));
  bytes.writeUInt16LE(4 + value.length);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
}

/** The value of one of the attributes that follow an offset; undefined where there is none of that type. */
export function attribute(bytes: Buffer, offset: number, type: number): Buffer | undefined {
  for (let at = offset; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    if ((bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE) === type) return bytes.subarray(at + 4, at + length);
    at += aligned(length);
  }
  return undefined;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function must(step: string, result: number): number {
  if (result < 0) throw new KernelError(step, koffi.errno());
  return result;
}
