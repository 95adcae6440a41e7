import { english, type Texts } from './en-us.ts';

export const russian: Texts = english;
