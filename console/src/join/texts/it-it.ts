import { english, type Texts } from './en-us.ts';

export const italian: Texts = english;
