import { english, type Texts } from './en-us.ts';

export const brazilian: Texts = english;
