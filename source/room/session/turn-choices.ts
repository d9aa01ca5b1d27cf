import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Receipt} from '../../core/session/session.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Answer, Attempt, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {type Delivery, handOverText} from './prompt.ts';
import {openQuestion} from './questions.ts';

/** Time to end before it is killed, ms. */
const GRACE_MS = 2000;
/** Lines shown of its last output, from the end. */
const SAID_LINES = 40;
const GO_ON = 'Continue with your task.';

/** What a human is shown of a waiting agent, and the answers they can give with one key. */
export type Waiting = {
	/** One line. */
	readonly text: string;
	readonly choices: readonly {readonly label: string; readonly does: () => Promise<ActionResult | undefined>}[];
	/** Gets the receipt of the human's own text. */
	readonly sent?: (receipt: Receipt) => void;
};

const log = ({facts}: Pick<Room, 'facts'>, {agent}: Attempt, what: string, error: unknown): void =>
	facts.log(`${what} ${agent.id}: ${error instanceof Error ? error.message : String(error)}`);

/** Ends an attempt whose outcome is known; the outcome is judged from what it reported. */
export const endTurns = (room: Pick<Room, 'facts'>, attempt: Attempt): void => {
	if (!attempt.isEnding) attempt.end(GRACE_MS).catch(error => log(room, attempt, 'ending', error));
};

/** Marks the task as done on the agent's behalf: its worktree is submitted. */
export const handIn = (room: Pick<Room, 'facts' | 'slots'>, attempt: Attempt, text: string): void => {
	attempt.reported = {kind: 'done', text};
	room.slots.pane(attempt.agent.id)?.say(text);
	endTurns(room, attempt);
};

/** Sends a text after the human's key is answered: a text that cannot be delivered is asked about again. */
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

/** The choices of a human when an agent's turn has ended: verdicts and plans only the agent can give, work can be submitted for it. */
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
 * Shows a human that an agent waits, with its last output; they pick a choice or write its next prompt. Returns the question, so that it can be
 * withdrawn once the agent continues by itself.
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
