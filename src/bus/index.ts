export type { Bus, Consumer, Following, FollowOptions, Item } from './bus-types.ts';
