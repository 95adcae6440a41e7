import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';

/** The system calls that move packets in batches. Negative results mean `errno`. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: bigint, length: number): number;
  getsockname(fd: number, address: bigint, length: bigint): number;
  setsockopt(fd: number, level: number, option: number, value: bigint, length: number): number;
  recvmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  sendmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  /** `CLOCK_REALTIME` as whole seconds and ns into two 64-bit places. */
  realtime(into: bigint): number;
  close(fd: number): number;
  errno(): number;
  /** The address of memory that stays where it is as long as it is referenced. */
  pointer(memory: ArrayBufferView): bigint;
}

interface Koffi {
  load(path: string): { func(prototype: string): (...parameters: never[]) => number };
  address(value: ArrayBufferView): bigint;
  errno(): number;
}

/** Whether the structures below have the layout that we write: 64-bit little-endian Linux. */
const isKnownSystem = (): boolean => platform() === 'linux' && ['x64', 'arm64'].includes(arch());

/** Finds libc; undefined, with the reason, where it is not to be had. */
export function openLibc(): { readonly libc: Libc } | { readonly libc: undefined; readonly reason: string } {
  if (!isKnownSystem()) return { libc: undefined, reason: `no batched socket calls on ${platform()} ${arch()}` };
  try {
    // Loaded by hand so that a missing binary is a slower server, not a dead one.
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    return { libc: bindLibc(koffi) };
  } catch (error) {
    return { libc: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}

function bindLibc(koffi: Koffi): Libc {
  const lib = koffi.load(findLibc(koffi));
  const recvmmsg = lib.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)') as unknown as (
    fd: number,
    messages: bigint,
    count: number,
    flags: number,
    timeout: null,
  ) => number;
  const gettime = lib.func('int clock_gettime(int clock, void *into)') as unknown as (clock: number, into: bigint) => number;
  const found = {
    socket: lib.func('int socket(int domain, int type, int protocol)'),
    bind: lib.func('int bind(int fd, const void *address, unsigned int length)'),
    getsockname: lib.func('int getsockname(int fd, void *address, void *length)'),
    setsockopt: lib.func('int setsockopt(int fd, int level, int option, const void *value, unsigned int length)'),
    sendmmsg: lib.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
    close: lib.func('int close(int fd)'),
  } as unknown as Pick<Libc, 'socket' | 'bind' | 'getsockname' | 'setsockopt' | 'sendmmsg' | 'close'>;
  return {
    ...found,
    recvmmsg: (fd, messages, count, flags) => recvmmsg(fd, messages, count, flags, null),
    realtime: (into) => gettime(0, into),
    errno: () => koffi.errno(),
    pointer: (memory) => koffi.address(memory),
  };
}

/** glibc has a versioned name; musl answers to the plain one. */
function findLibc(koffi: Koffi): string {
  try {
    koffi.load('libc.so.6');
    return 'libc.so.6';
  } catch {
    return 'libc.so';
  }
}
