/** How much later something is heard than it was said, when the delay moves. */

/** The lag in samples, `from` … `to`, at which meant[at … at + length) is most like what was heard. */
export function lagAt(
  meant: Int16Array,
  heard: Int16Array,
  {
    at,
    length,
    from = 0,
    to,
    step = 1,
    every = 1,
  }: { at: number; length: number; from?: number; to: number; step?: number; every?: number },
): number {
  let [best, most] = [from, Number.NEGATIVE_INFINITY];
  for (let lag = from; lag <= to; lag += step) {
    let sum = 0;
    let power = 1;
    for (let i = at; i < at + length; i += every) {
      const sample = heard[i + lag] ?? 0;
      sum += meant[i]! * sample;
      power += sample * sample;
    }
    // Not by loudness: another vowel that is louder is not more alike.
    const likeness = sum / Math.sqrt(power);
    if (likeness > most) [best, most] = [lag, likeness];
  }
  return best;
}

/** For each second: by how many whole frames what is heard comes later, 0 … 15. */
export function lags(meant: Int16Array, heard: Int16Array, frame: number): number[] {
  const second = 50 * frame;
  // Of 48 kHz every third sample tells enough.
  const every = Math.max(1, Math.round(frame / 320));
  return Array.from({ length: Math.floor(meant.length / second) }, (_, n) =>
    Math.round(lagAt(meant, heard, { at: n * second, length: second, to: 15 * frame, step: frame, every }) / frame),
  );
}

/** What was heard, brought back to the time of what was said; `sure` says of which frames that is certain: the delay was the same around them. */
export function aligned(
  meant: Int16Array,
  heard: Int16Array,
  frame: number,
): { readonly sound: Int16Array; readonly sure: (n: number) => boolean; readonly lags: readonly number[] } {
  const late = lags(meant, heard, frame);
  const second = 50 * frame;
  const sound = new Int16Array(meant.length);
  for (const [n, lag] of late.entries()) sound.set(heard.subarray(n * second + lag * frame, (n + 1) * second + lag * frame), n * second);
  const sure = (n: number): boolean => {
    const at = Math.floor(n / 50);
    return late[at - 1] === late[at] && late[at] === late[at + 1];
  };
  return { sound, sure, lags: late };
}
