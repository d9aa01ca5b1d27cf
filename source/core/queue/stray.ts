import {agentName} from '../agent/agent.ts';
import type {Control} from '../team/snapshot.ts';

type Stray = Pick<Control, 'stray' | 'strayAgent' | 'strayTask'>;

/** Whose work the base was moved to without a merge: `dev-1 (t-3)`. */
export const strayOwner = ({strayAgent, strayTask}: Stray): string =>
	strayAgent === '' ? `an agent (${strayTask})` : `${agentName(strayAgent)} (${strayTask})`;

/** The alarm as the rest of a sentence that starts with the base's name; '' without one. */
export const strayText = (control: Stray): string =>
	control.stray === ''
		? ''
		: `was moved to ${control.stray.slice(0, 7)} by ${strayOwner(control)} without a merge: merging is blocked until you decide`;

/** What you can do about it, in one clause. */
export const STRAY_MOVES = '`agent-room undo-base` reverts it, `agent-room keep-base` keeps it';
