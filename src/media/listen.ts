import type { Clock } from '../base/index.ts';
import { type HeardLine, type Line, lobbyOf } from '../conference/index.ts';
import type { Engine } from './engine-types.ts';

/** What is at most so far below the loudest is speech, and no pause; a power ratio, -15 dB. */
const BELOW_LOUDEST = 0.03;
/** Fewer frames of 20 ms with a voice are a click. */
const FEWEST = 10;
/** As loud as G.711 can be, µ-law's largest value; all that is louder too. */
const LOUDEST = 32_124;
const FULL = 32_768;

/** Listens to calls in their lobbies, and tells how they sound. */
export function openLine({
  engine,
  clock,
}: {
  readonly engine: Pick<Engine, 'tap' | 'legMetrics' | 'record'>;
  readonly clock: Clock;
}): Line {
  return {
    async listen(account, { id, leg }, ms) {
      const heard = new HeardSpeech();
      const tap = engine.tap(account, lobbyOf(id), { what: { leg } });
      const alarm = clock.wake(clock.now() + ms, () => tap.close());
      try {
        for await (const item of tap.items()) {
          if (item.type === 'frame' && item.talking && !item.concealed) heard.add(item.samples);
        }
      } finally {
        alarm.cancel();
        tap.close();
      }
      const [metrics, record] = await Promise.all([engine.legMetrics(leg), engine.record(leg)]);
      return { ...heard.result(), ...packets(metrics), encrypted: record?.crypto !== null && record?.crypto !== undefined };
    },
  };
}

/** What was said, frame by frame. */
class HeardSpeech {
  readonly #frames: { readonly power: number; readonly loud: number; readonly count: number }[] = [];

  add(samples: Int16Array): void {
    let [sum, loud] = [0, 0];
    for (const each of samples) {
      sum += each * each;
      if (Math.abs(each) >= LOUDEST) loud += 1;
    }
    this.#frames.push({ power: sum / samples.length, loud, count: samples.length });
  }

  result(): Pick<HeardLine, 'level' | 'clipped'> {
    const loudest = this.#frames.reduce((most, { power }) => Math.max(most, power), 0);
    const speech = this.#frames.filter(({ power }) => power > loudest * BELOW_LOUDEST);
    if (speech.length < FEWEST) return { clipped: 0 };
    const mean = speech.reduce((sum, { power }) => sum + power, 0) / speech.length;
    const count = speech.reduce((sum, each) => sum + each.count, 0);
    return { level: 10 * Math.log10(mean / FULL ** 2), clipped: speech.reduce((sum, { loud }) => sum + loud, 0) / count };
  }
}

function packets(metrics: Awaited<ReturnType<Engine['legMetrics']>>): Pick<HeardLine, 'codec' | 'loss'> {
  if (metrics === undefined) return {};
  const { codec, packetsIn, lost } = metrics;
  return { ...(codec === null ? {} : { codec }), ...(packetsIn === 0 ? {} : { loss: (100 * lost) / (packetsIn + lost) }) };
}
