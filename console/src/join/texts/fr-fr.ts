import { english, type Texts } from './en-us.ts';

export const french: Texts = english;
