import { percentPhrase } from '../../phrases/phrases.ts';
import type { PlaySource } from '../../playing.ts';
import { type PromptName, prompt } from '../../prompts.ts';
import type { HeardLine } from '../line.ts';

/** dBFS of speech: telephones that are set right are between these (ITU-T P.56's level of speech is -26 dBov at the usual loudness). */
const QUIET = -38;
const LOUD = -14;
/** More of it than this is heard as distortion. */
const CLIPPED = 0.005;

const CODECS: Readonly<Record<string, PromptName>> = {
  opus: 'echo-codec_opus',
  G722: 'echo-codec_g722',
  PCMU: 'echo-codec_pcmu',
  PCMA: 'echo-codec_pcma',
  L16: 'echo-codec_l16',
};

/** What a caller is told of his line: how loud he is, his codec, whether it is encrypted, and what was lost. */
export function lineResult(language: string, { codec, level, clipped, loss, encrypted }: HeardLine): readonly PlaySource[] {
  const say = (name: PromptName): PlaySource => prompt(name, language);
  const coded = codec === undefined ? [] : [say('echo-codec'), say(CODECS[codec] ?? 'echo-codec_other')];
  return [
    say('echo-result'),
    say(loudness(level, clipped)),
    ...coded,
    ...(encrypted ? [say('echo-encrypted')] : []),
    ...(loss === undefined ? [] : lost(language, loss)),
  ];
}

function loudness(level: number | undefined, clipped: number): PromptName {
  if (level === undefined) return 'echo-level_silent';
  if (level > LOUD || clipped > CLIPPED) return 'echo-level_loud';
  return level < QUIET ? 'echo-level_quiet' : 'echo-level_good';
}

function lost(language: string, loss: number): readonly PlaySource[] {
  if (loss <= 0) return [prompt('echo-no_loss', language)];
  if (loss < 1) return [prompt('echo-little_loss', language)];
  return [prompt('echo-loss', language), ...percentPhrase(language, Math.min(100, loss))];
}
