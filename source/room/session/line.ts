import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {LineSent} from '../../core/team/panes.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Room} from '../parts/parts.ts';
import {handOverText} from './prompt.ts';

/** Somebody who typed this recently may not have finished, ms. */
const TYPED_LATELY_MS = 10_000;
const MOST = 2000;

const no = (agent: string, why: string): Refusal =>
	refusal('not-typed', `Nothing was typed to ${agentName(agent)}: ${why}.`, 'Send it as a message instead.');

const done = (agent: string): ActionResult => ({ok: true, text: `typed to ${agentName(agent)}`});

const ofElsewhere = (agent: string, sent: LineSent): ActionResult => {
	if (sent.outcome === 'typed') return done(agent);
	if (sent.outcome === 'refused') return refusal('not-typed', sent.why, 'Send it as a message instead.');
	return refusal('unanswered', `Sent to ${agentName(agent)}, but its machine has not said whether it was typed.`, 'Look at its pane.');
};

/**
 * Types a line and Enter into an agent's pane. Guarantee: never into a dialog or a question, nor into a pane that somebody types in, nor to
 * a paused program; the refusal says why. An agent CLI gets it as `handOverText` gives a reply. An agent of another machine gets it from its own
 * room by the same rules, if its pane is on the screen here.
 */
export const typeLine = async (
	room: Pick<Room, 'facts' | 'link' | 'slots' | 'teamPanes'>,
	{agent: to, text}: {readonly agent: string; readonly text: string},
): Promise<ActionResult> => {
	const agent = parseAgentId(to);
	const [attempt, pane] = [room.slots.attempt(agent), room.slots.pane(agent)];
	const line = cleanText(text, MOST).trim();
	if (line === '') return refusal('bad-request', 'There is nothing to type.', '');
	const sent = attempt ? undefined : await room.teamPanes?.typeLine(agent, line);
	if (sent) return ofElsewhere(agent, sent);
	if (!attempt || !pane) return no(agent, 'none of its programs runs on this machine');
	if (attempt.questions.length > 0) return no(agent, 'it asks a question');
	const typed = done(agent);
	if (attempt.session) {
		const {outcome, by} = await handOverText(room, attempt, {text: line, what: 'line', isOrdered: true});
		return outcome === 'rejected' ? no(agent, by) : typed;
	}
	if (attempt.isEnding) return no(agent, 'its attempt has ended');
	if (attempt.isPaused) return no(agent, 'it is paused');
	if (performance.now() - pane.typedAt() < TYPED_LATELY_MS) return no(agent, 'somebody types into its pane');
	return pane.type(`${line}\r`) ? typed : no(agent, 'its program reads nothing');
};
