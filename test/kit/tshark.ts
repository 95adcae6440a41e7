import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from './programs.ts';

/** A capture, and the server's address for SIP in it: a port that chance gave may be that of another protocol to Wireshark. */
export interface Captured {
  readonly capture: Buffer;
  readonly sip: string;
}

/** A capture file as Wireshark reads it: a row per packet with these fields, as text; what a packet does not have is ''. */
export function readCapture<const Field extends string>(
  captured: Captured,
  fields: readonly Field[],
): readonly Readonly<Record<Field, string>>[] {
  const text = tshark(captured, '-T', 'fields', '-E', 'separator=\t', ...fields.flatMap((each) => ['-e', each]));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const values = line.split('\t');
      return Object.fromEntries(fields.map((name, n) => [name, values[n] ?? ''])) as Record<Field, string>;
    });
}

/** What tshark prints about a capture file; it must find nothing to complain of. */
export function tshark({ capture, sip }: Captured, ...args: string[]): string {
  const isSip = ['-d', `udp.port==${sip.slice(sip.lastIndexOf(':') + 1)},sip`];
  const folder = mkdtempSync(join(tmpdir(), 'parley-capture-'));
  const file = join(folder, 'call.pcap');
  try {
    writeFileSync(file, capture);
    return execFileSync(needs('tshark'), ['-n', ...isSip, '-r', file, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return assert.fail(`tshark cannot read it: ${error}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
