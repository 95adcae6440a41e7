/** Whether these letters and digits stand by themselves in a text: ids, times and ports have the same ones in them by chance. */
export const standsAlone = (text: string, word: string): boolean => new RegExp(`(?<![\\w.-])${word}(?![\\w-])`).test(text);
