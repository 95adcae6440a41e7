import { Failure } from '../base/index.ts';
import { fit, isTag, primaryOf, tagOf } from './language.ts';
import type { Gender, Voice, VoiceProvider, VoiceWish } from './speech-types.ts';

/** A voice and who has it. */
export interface Chosen {
  readonly provider: VoiceProvider;
  readonly voice: Voice;
  /** RFC 5646, lower case. */
  readonly language: string;
  readonly gender?: Gender;
}

/** A provider with its voices. */
export interface Choir {
  readonly provider: VoiceProvider;
  readonly voices: readonly Voice[];
}

/** What the operator likes. */
export interface Likings {
  /** Where nobody says a language. */
  readonly language: string;
  /** Voices by language, RFC 5646 in lower case. */
  readonly voices: ReadonlyMap<string, string>;
}

const GENDERS: readonly string[] = ['female', 'male'] satisfies Gender[];

/** Every language that some voice has as its own, in order; without `*`. */
export const languagesOf = (choirs: readonly Choir[]): readonly string[] =>
  [...new Set(choirs.flatMap(({ voices }) => voices.flatMap(({ languages }) => languages.slice(0, 1))))].sort();

/** Who speaks: the voice that was named, else the operator's for the language, else the one that fits best; of equals that of the first provider. */
export function chooseVoice(choirs: readonly Choir[], wish: VoiceWish, likings: Likings): Chosen {
  const { gender, voice: name } = readVoice(wish);
  const wished = wish.language === undefined || wish.language.trim() === '' ? undefined : tagOf(wish.language);
  if (name !== undefined) return chooseNamed(choirs, { name, wished, gender }, likings);
  const language = wished ?? likings.language;
  const liked = gender === undefined ? (likings.voices.get(language) ?? likings.voices.get(primaryOf(language))) : undefined;
  const found = liked === undefined ? undefined : findNamed(choirs, liked);
  if (found !== undefined) return { ...found, language };
  const best = isTag(language) ? bestOf(choirs, language, gender) : undefined;
  if (best === undefined) throw withoutVoice(choirs, wish.language ?? language);
  return { ...best, language, ...(gender === undefined ? {} : { gender }) };
}

/** `female` and `male` stand where others write a voice. */
function readVoice({ voice, gender }: VoiceWish): { readonly voice: string | undefined; readonly gender: Gender | undefined } {
  const name = voice?.trim().toLowerCase() ?? '';
  if (GENDERS.includes(name)) return { voice: undefined, gender: gender ?? (name as Gender) };
  return { voice: name === '' ? undefined : voice?.trim(), gender };
}

interface Named {
  readonly name: string;
  readonly wished: string | undefined;
  readonly gender: Gender | undefined;
}

function chooseNamed(choirs: readonly Choir[], { name, wished, gender }: Named, likings: Likings): Chosen {
  const found = findNamed(choirs, name);
  const voices = choirs.flatMap((each) => each.voices.map((voice) => voice.name));
  if (found === undefined) {
    throw new Failure('invalid', 'voice_unknown', `no voice has this name; there are ${inWords(voices)}`, {
      details: { voice: name, voices },
    });
  }
  const [own = likings.language] = found.voice.languages;
  const language = wished ?? (own === '*' ? likings.language : own);
  if (!isTag(language) || fit(found.voice, language) === 0)
    throw withoutVoice([{ provider: found.provider, voices: [found.voice] }], language);
  return { ...found, language, ...(gender === undefined ? {} : { gender }) };
}

type Found = Pick<Chosen, 'provider' | 'voice'>;

function findNamed(choirs: readonly Choir[], name: string): Found | undefined {
  for (const { provider, voices } of choirs) {
    const voice = voices.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (voice !== undefined) return { provider, voice };
  }
  for (const { provider, voices } of choirs) {
    const voice = provider.named?.(name, voices);
    if (voice !== undefined) return { provider, voice };
  }
  return undefined;
}

function bestOf(choirs: readonly Choir[], language: string, gender: Gender | undefined): Found | undefined {
  let best: { readonly found: Found; readonly score: number } | undefined;
  for (const { provider, voices } of choirs) {
    for (const voice of voices) {
      const fits = fit(voice, language);
      // The gender decides among voices that speak the language; one that can be both is as good as the right one.
      const isOther = gender !== undefined && voice.gender !== undefined && voice.gender !== gender;
      const score = fits === 0 ? 0 : fits - (isOther ? 2.5 : 0) + 10;
      if (score > (best?.score ?? 0)) best = { found: { provider, voice }, score };
    }
  }
  return best?.found;
}

function withoutVoice(choirs: readonly Choir[], language: string): Failure {
  const languages = languagesOf(choirs);
  const words = `no voice speaks ${JSON.stringify(language.slice(0, 40))}; there are ${inWords(languages)}`;
  return new Failure('invalid', 'language_without_voice', words, { details: { language, languages } });
}

const inWords = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
