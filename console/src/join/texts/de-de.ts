import { english, type Texts } from './en-us.ts';

export const german: Texts = english;
