import { english, type Texts } from './en-us.ts';

export const arabic: Texts = english;
