import type { Clock } from '../base/index.ts';
import type { PacketHeader } from './engine-types.ts';
import type { HeaderNotes } from './thread/header-log.ts';

/** What looking on needs. */
export interface LookOn {
  readonly clock: Clock;
  /** ms. */
  readonly for: number;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/** The headers of the packets of a leg in the next time, the oldest first; undefined: there is no such leg. */
export async function lookOn({ clock, for: ms, begin, end }: LookOn): Promise<readonly PacketHeader[] | undefined> {
  const from = clock.epoch();
  if ((await begin()) !== true) return undefined;
  await new Promise<void>((resolve) => void clock.wake(clock.now() + ms, resolve));
  const notes = (await end()) as HeaderNotes | undefined;
  // Somebody else may have looked on before.
  return notes === undefined ? undefined : headersOf(notes).filter(({ at }) => at >= from);
}

/** In their order: the times of a busy machine may be some ms off, and then a later packet seems to have come before an earlier one. */
function headersOf({ count, at, sent, kind, sequence, timestamp, ssrc, length }: HeaderNotes): readonly PacketHeader[] {
  const last = [0, 0];
  const headers = Array.from({ length: count }, (_, n): PacketHeader => {
    const way = sent[n]!;
    last[way] = Math.max(last[way]!, at[n]!);
    return {
      at: last[way]!,
      sent: way === 1,
      marker: (kind[n]! & 0x80) !== 0,
      payloadType: kind[n]! & 0x7f,
      sequence: sequence[n]!,
      timestamp: timestamp[n]!,
      ssrc: ssrc[n]!,
      length: length[n]!,
    };
  });
  return headers.sort((one, other) => one.at - other.at);
}
