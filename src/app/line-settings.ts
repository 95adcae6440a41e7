import type { Setting } from './setting.ts';
import { urlText } from './setting-values.ts';

/** Where the LINE Messaging API is. */
export const lineSetting: Setting = {
  key: 'line.api_url',
  variable: 'PARLEY_LINE_API_URL',
  preset: 'https://api.line.me',
  comment:
    'Where the LINE Messaging API is; a proxy or a stand-in may take its place. LINE sends messages to http.public_url, which must be https.',
  read: urlText,
};
