import type { Setting } from './setting.ts';
import { oneOf, optionalText, type Reading, urlText, wholeNumber } from './setting-values.ts';

/** Pairs such as `de=alloy`; keys are languages, or `*`. */
export const voicePairs = (text: string): readonly (readonly [string, string])[] =>
  text
    .split(/[\s,]+/)
    .filter((each) => each !== '')
    .map((each) => {
      const at = each.indexOf('=');
      return [each.slice(0, Math.max(0, at)).toLowerCase().replaceAll('_', '-'), each.slice(at + 1)];
    });

const voices = (text: string): Reading =>
  voicePairs(text).every(([language, voice]) => /^(\*|[a-z]{2,8}(-[a-z0-9]{1,8})*)$/.test(language) && /^[\w.+-]{1,64}$/.test(voice))
    ? text
    : { wrong: 'must list voices by language, for example en=slt, de=de+f2' };

const language = (text: string): Reading =>
  /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(text) ? text : { wrong: 'must be a language such as en-US or de' };

/** The settings of speech. */
export const speechSettings: readonly Setting[] = [
  {
    key: 'speech.tts',
    variable: 'PARLEY_SPEECH_TTS',
    preset: 'auto',
    comment:
      'Who speaks texts: espeak-ng (a program, or without it its WebAssembly), flite (a program), http (tts_url), off, or auto: tts_url if there is one, then both.',
    read: oneOf('auto', 'espeak-ng', 'flite', 'http', 'off'),
  },
  {
    key: 'speech.tts_url',
    variable: 'PARLEY_SPEECH_TTS_URL',
    preset: '',
    comment: "A server with OpenAI's /v1/audio/speech, for example https://api.openai.com. Empty: none.",
    read: urlText,
  },
  {
    key: 'speech.tts_key',
    variable: 'PARLEY_SPEECH_TTS_KEY',
    preset: '',
    comment: 'The key for it (Authorization: Bearer).',
    read: optionalText,
    isSecret: true,
  },
  {
    key: 'speech.tts_model',
    variable: 'PARLEY_SPEECH_TTS_MODEL',
    preset: 'tts-1',
    comment: 'The model it is asked for.',
    read: optionalText,
  },
  {
    key: 'speech.voices',
    variable: 'PARLEY_SPEECH_VOICES',
    preset: '',
    comment:
      'Voices by language where nobody asks for one, for example en=slt, de=de+f2; over HTTP also *=alloy. Empty: the first that fits.',
    read: voices,
  },
  {
    key: 'speech.language',
    variable: 'PARLEY_SPEECH_LANGUAGE',
    preset: 'en-US',
    comment: 'The language of texts and of what is said, where nobody names one.',
    read: language,
  },
  {
    key: 'speech.cache_megabytes',
    variable: 'PARLEY_SPEECH_CACHE_MEGABYTES',
    preset: 200,
    comment: 'Spoken sentences that are kept in data_dir/speech for the next time.',
    read: wholeNumber(0, 1_000_000),
  },
  {
    key: 'speech.stt',
    variable: 'PARLEY_SPEECH_STT',
    preset: 'auto',
    comment:
      'Who writes down what is said: http (stt_url), sherpa-onnx (stt_model_dir), pocketsphinx (a program; for trials), off, or auto: the first of http and sherpa-onnx that is set.',
    read: oneOf('auto', 'http', 'sherpa-onnx', 'pocketsphinx', 'off'),
  },
  {
    key: 'speech.stt_url',
    variable: 'PARLEY_SPEECH_STT_URL',
    preset: '',
    comment: "A server with OpenAI's /v1/audio/transcriptions. Empty: none.",
    read: urlText,
  },
  {
    key: 'speech.stt_key',
    variable: 'PARLEY_SPEECH_STT_KEY',
    preset: '',
    comment: 'The key for it (Authorization: Bearer).',
    read: optionalText,
    isSecret: true,
  },
  {
    key: 'speech.stt_model',
    variable: 'PARLEY_SPEECH_STT_MODEL',
    preset: 'whisper-1',
    comment: 'The model it is asked for.',
    read: optionalText,
  },
  {
    key: 'speech.stt_model_dir',
    variable: 'PARLEY_SPEECH_STT_MODEL_DIR',
    preset: '',
    comment: 'A folder with a model of sherpa-onnx (docs/speech.md). Empty: none.',
    read: optionalText,
  },
  {
    key: 'speech.stt_at_once',
    variable: 'PARLEY_SPEECH_STT_AT_ONCE',
    preset: 2,
    comment: 'Stretches of speech that are recognised at once, in all rooms together. Over HTTP rather more.',
    read: wholeNumber(1, 1000),
  },
];
