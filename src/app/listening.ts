import { Failure } from '../base/index.ts';

/** What the operator can do about it, by the system's word for the trouble. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; stop it, or choose another port (0 takes any free one)',
  EADDRNOTAVAIL: 'this machine has no such address; name one of its own in PARLEY_HOST, or say auto',
  EACCES: 'only root may listen there; choose a port above 1023',
};

/** Something that listens: what people call it, the variable that sets its port, and the port. */
export interface Door {
  readonly what: string;
  readonly variable: string;
  readonly port: number | undefined;
}

/** Opens something that listens on one door or more; a port or an address that cannot be had becomes a refusal that says what to do. */
export async function listening<T>(doors: readonly [Door, ...Door[]], opened: Promise<T>): Promise<T> {
  try {
    return await opened;
  } catch (cause) {
    const { code = '', address, port } = cause as NodeJS.ErrnoException & { address?: string; port?: number };
    const remedy = REMEDIES[code];
    if (remedy === undefined) throw cause;
    const { what, variable } = doors.find((each) => each.port === port) ?? doors[0];
    throw new Failure('unavailable', 'cannot_listen', `${what} cannot listen on ${address}:${port} (${variable}): ${remedy}`, { cause });
  }
}
