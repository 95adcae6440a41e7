/** What the system says of a process; all of its threads together. Linux. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** µs of CPU, user and system, in steps of 10 ms. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything; utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Bytes of memory that are resident. */
export function memoryOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Descriptors that are open, without TCP connections: those are our own questions over HTTP, kept alive for a while. */
export function descriptorsOf(pid: number): number {
  const connected = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === '01')
      .map((fields) => `socket:[${fields[9]}]`),
  );
  const own = new Set(connected);
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return !own.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false; // It was closed meanwhile.
    }
  }).length;
}

/** How often its threads went to sleep by themselves; a process without timers does so only when somebody wakes it. */
export function sleepsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    try {
      const [, count = '0'] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')) ?? [];
      return sum + Number(count);
    } catch {
      return sum; // It ended meanwhile.
    }
  }, 0);
}
