import { english, type Texts } from './en-us.ts';

export const spanish: Texts = english;
