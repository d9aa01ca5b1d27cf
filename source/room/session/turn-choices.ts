import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Receipt} from '../../core/session/session.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Answer, Attempt, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {type Delivery, handOverText} from './prompt.ts';
import {openQuestion} from './questions.ts';

/** Whoever is asked to end gets this long, ms. */
const GRACE_MS = 2000;
/** Of what it said last the end is shown. */
const SAID_LINES = 40;
const GO_ON = 'Continue with your task.';

/** What a person is shown of one that waits, and what they can say with one key. */
export type Waiting = {
	/** One line. */
	readonly text: string;
	readonly choices: readonly {readonly label: string; readonly does: () => Promise<ActionResult | undefined>}[];
	/** What became of a text of the person's own. */
	readonly sent?: (receipt: Receipt) => void;
};

const log = ({facts}: Pick<Room, 'facts'>, {agent}: Attempt, what: string, error: unknown): void =>
	facts.log(`${what} ${agent.id}: ${error instanceof Error ? error.message : String(error)}`);

/** Ends an attempt whose outcome is known; what it comes to is judged from what it reported. */
export const endTurns = (room: Pick<Room, 'facts'>, attempt: Attempt): void => {
	if (!attempt.isEnding) attempt.end(GRACE_MS).catch(error => log(room, attempt, 'ending', error));
};

/** Somebody else says for it that the task is done: what is in its worktree is handed in. */
export const handIn = (room: Pick<Room, 'facts' | 'slots'>, attempt: Attempt, text: string): void => {
	attempt.reported = {kind: 'done', text};
	room.slots.pane(attempt.agent.id)?.say(text);
	endTurns(room, attempt);
};

/** A text goes to its program while the person's key is answered already: what cannot be handed over is asked about again. */
const send = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt, handed: Delivery, sent?: Waiting['sent']): void => {
	handOverText(room, attempt, handed)
		.then(receipt => {
			sent?.(receipt);
			attempt.delivery.look();
		})
		.catch(error => log(room, attempt, 'prompting', error));
};

const refuseWithout = ({agent, isEnding}: Attempt): ActionResult | undefined =>
	isEnding ? {ok: false, code: 'gone', message: `${agentName(agent.id)} has ended.`, hint: ''} : undefined;

const saidOf = ({session}: Attempt): string =>
	(session?.now().said ?? '')
		.split('\n')
		.slice(-SAID_LINES)
		.map(line => cleanText(line, 400))
		.join('\n')
		.trim();

/** What a person can say to an agent whose turn is over: a verdict or a plan is its own to give, work can be handed in for it. */
export const choicesAtTurnEnd = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt): Waiting['choices'] => [
	...(WRITING_STAGES.includes(attempt.task.stage)
		? [
				{
					label: 'Done: submit it',
					does: async () => {
						handIn(room, attempt, 'submitted by you');
						return undefined;
					},
				},
			]
		: []),
	{
		label: 'Continue',
		does: async () => {
			send(room, attempt, {text: GO_ON, what: 'go-on'});
			return undefined;
		},
	},
];

/**
 * Shows a person that an agent waits, with what it said last: one of the choices, or a text of the person's, which is handed over as its next
 * prompt. Returns the question, so that it can be taken back once the agent goes on by itself.
 */
export const openWaiting = (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	attempt: Attempt,
	{text, choices, sent}: Waiting,
	isOrdered: boolean,
): OpenQuestion => {
	const answer = async ({choice, text: reply}: Answer): Promise<ActionResult | undefined> => {
		const refused = refuseWithout(attempt);
		if (refused) return refused;
		const chosen = choices[choice - 1];
		if (chosen) return chosen.does();
		if (reply.trim() !== '') send(room, attempt, {text: reply, what: 'reply', isOrdered}, sent);
		return undefined;
	};
	const question: OpenQuestion = {
		id: room.facts.newNonce(),
		agent: attempt.agent.id,
		by: 'turn',
		text: cleanText(text, 300),
		detail: saidOf(attempt),
		choices: choices.map(({label}) => label),
		evidence: attempt.session?.now().evidence ?? '',
		answer,
	};
	openQuestion(room, question).catch(error => log(room, attempt, 'the question of', error));
	return question;
};
