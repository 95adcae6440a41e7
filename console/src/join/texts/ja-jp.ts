import { english, type Texts } from './en-us.ts';

export const japanese: Texts = english;
