/** `de` of `de-at`. */
export const familyOf = (language: string): string => language.toLowerCase().split('-')[0]!;

/** A language, or the name of a folder, of a family. */
export const isOfFamily = (language: string, family: string): boolean =>
  language.toLowerCase() === family || language.toLowerCase().startsWith(`${family}-`);
