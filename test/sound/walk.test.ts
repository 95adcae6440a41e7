import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { G722, l16, opus, PCMU } from '../kit/sound-house.ts';
import { walkSound } from '../kit/sound-walk.ts';

before(loadCodecs);

for (const { name, codec, seconds } of [
  { name: 'PCMU', codec: PCMU, seconds: 25 },
  { name: 'G.722', codec: G722, seconds: 25 },
  { name: 'L16 at 16 kHz', codec: l16(16_000), seconds: 25 },
  { name: 'Opus', codec: opus(), seconds: 10 },
  { name: 'Opus with packets of 60 ms', codec: opus({ ptime: 60 }), seconds: 10 },
]) {
  for (const talker of [l16(8000), opus()]) {
    test(`whatever happens to others, ben (${name}) hears ann (${talker.name}) without a break`, () =>
      walkSound({ talker, listener: codec, seconds, seed: 21 }));
  }
}
