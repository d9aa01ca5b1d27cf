import type {HookDecision} from '../harnesses/cli.ts';
import {endReminder} from '../roles/prompts.ts';
import type {Attempt} from './attempt.ts';

/** It has said how its task stands, or is on its way out: its turn may end. */
export const hasSaid = ({isEnding, reported, blocked, plan}: Attempt): boolean =>
	isEnding || reported !== undefined || blocked !== '' || plan?.checked.ok === true;

/**
 * The turn of a program is about to end, says its hook: what the hook answers. One with a screen of its own that has not said how its task stands is
 * told so once, and again after a person's next text; the second time its turn ends, and it waits. A headless one ends by itself.
 */
export const atTurnEnd = (attempt: Attempt): HookDecision => {
	if (attempt.session?.mode !== 'interactive' || attempt.isPaused || attempt.drive.isReminded || hasSaid(attempt)) return {kind: 'none'};
	attempt.drive.isReminded = true;
	return {kind: 'go-on', text: endReminder(attempt.task.stage)};
};
