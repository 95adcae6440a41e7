import { english, type Texts } from './en-us.ts';

export const chinese: Texts = english;
