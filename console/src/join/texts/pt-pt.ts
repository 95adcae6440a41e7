import { english, type Texts } from './en-us.ts';

export const portuguese: Texts = english;
