const ITEM = /^(?:v=-?\d+(?:\.\d+)?|[<>]=\d+|\+=\d+(?:\.\d+)?|\+=\.\d+|[wdlLrc]=\d+|loops=-?\d+|%\(\d+,\d+(?:,\d+(?:\.\d+)?)+\))$/;

/** What is wrong with a tone (rulings "tones"): a media id, a URL, or `tone_stream://` with items by `;`. */
export function toneFault(tone: string): { rule: string; message: string; target?: number; value: string } | undefined {
  if (tone === '') return { rule: 'minLength', message: 'String must be at least 1 characters', target: 1, value: tone };
  const prefix = 'tone_stream://';
  if (tone.startsWith(prefix)) {
    const items = tone.slice(prefix.length).split(';');
    return items.every((item) => ITEM.test(item))
      ? undefined
      : { rule: 'wrong_format', message: 'Field is not in the correct format', value: tone };
  }
  if (/^[A-Za-z0-9._~-]+$/.test(tone) || /^(\/|[a-z_]+:\/\/)\S+$/i.test(tone)) return undefined;
  return { rule: 'wrong_format', message: 'Field is not in the correct format', value: tone };
}
