export { type MediaLibraryOptions, openMediaLibrary } from './media-library.ts';
export { type OpenPlayer, openPlayer } from './player.ts';
export type { PlayerCounts, PlayerOptions, Said, Say, SayHow, Sayings } from './player-options.ts';
