import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { KernelError } from './errors.js';

/** From include/uapi/linux/netlink.h and socket.h. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NLM_F_REQUEST_ACK = 5;
const NLMSG_ERROR = 2;
const NLMSGERR_ATTR_MSG = 1;
/** Bytes of struct nlmsghdr, and of the answer up to its attributes: header, error, header of the request. */
const HEADER = 16;
const ACK = HEADER + 4 + HEADER;

// null: the symbols of the running program, so also those of whichever C library it uses.
const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, void *value, unsigned int length)');
const send = libc.func('long send(int fd, void *bytes, size_t length, int flags)');
const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');

/** What the kernel answered to a request. */
export interface Acknowledgement {
  /** Positive errno value; 0: done. */
  readonly errno: number;
  /** Why, in the words of whoever refused, such as a driver; empty where it said none (extended ACK, Linux 4.12). */
  readonly words: string;
}

/** One attribute of a request: struct nlattr and its value. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16LE(4 + value.length);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
}

/**
 * Sends one request of the routing family (rtnetlink(7)) and waits for its acknowledgement.
 *
 * @throws {KernelError} where there is no netlink
 */
export function routeRequest(type: number, payload: Uint8Array): Acknowledgement {
  const fd = must('open a netlink socket', socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE));
  try {
    const on = Buffer.from([1, 0, 0, 0]);
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK])
      must('set up a netlink socket', setsockopt(fd, SOL_NETLINK, option, on, on.length));
    const request = Buffer.alloc(HEADER + payload.length);
    request.writeUInt32LE(request.length);
    request.writeUInt16LE(type, 4);
    request.writeUInt16LE(NLM_F_REQUEST_ACK, 6);
    request.set(payload, HEADER);
    must('send a netlink request', send(fd, request, request.length, 0));
    const answer = Buffer.alloc(4096);
    return parse(answer.subarray(0, must('receive a netlink answer', receive(fd, answer, answer.length, 0))));
  } finally {
    closeSync(fd);
  }
}

function parse(answer: Buffer): Acknowledgement {
  if (answer.length < HEADER + 4 || answer.readUInt16LE(4) !== NLMSG_ERROR) return { errno: 0, words: '' };
  const errno = -answer.readInt32LE(HEADER);
  for (let at = ACK; at + 4 <= answer.length; ) {
    const length = answer.readUInt16LE(at);
    if (length < 4) break;
    if ((answer.readUInt16LE(at + 2) & 0x3fff) === NLMSGERR_ATTR_MSG)
      return { errno, words: answer.toString('utf8', at + 4, at + length).replace(/\0.*$/, '') };
    at += Math.ceil(length / 4) * 4;
  }
  return { errno, words: '' };
}

function must(step: string, result: number): number {
  if (result < 0) throw new KernelError(step, koffi.errno());
  return result;
}
