import type { Actor, CommandName, Input, Output } from '../commands.ts';

/** Takes a command that is for a lobby, or for what goes with a call; undefined: it is for the conferences. */
export type Taker<Name extends CommandName> = (input: Input<Name>, actor: Actor) => Promise<Output<Name>> | undefined;

export type Takers = { readonly [Name in CommandName]?: Taker<Name> };
