/** Where the prompt of this name is in this language; whoever plays it falls back to a language that there is. */
export const promptOf = (name: string, language: string): string => `prompt://system_media/${name}/${language}`;

/** After which a name is to be said (kazoo-facts §7.5). */
export const NAME_TONE = 'tone_stream://%(500,100,440)';
