import type {Reply, Report} from '../../core/protocol/request.ts';
import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Cli, HookDecision} from '../../harnesses/shared/cli.ts';
import {SUPERSEDED} from '../../roles/prompts.ts';
import type {Attempt, LiveSession, OpenQuestion, PendingPermission} from '../parts/attempt.ts';
import {plannedAgent, type Room} from '../parts/parts.ts';
import {ok, STALE} from '../parts/replies.ts';
import {endHeldByHook, subjectOf, typeChoice} from './dialog.ts';
import {mailForHook} from './mail.ts';
import {until} from './prompt.ts';
import {closeQuestion, openQuestion} from './questions.ts';
import {cleanReading} from './session.ts';
import {stopHook} from './turn-end.ts';

type HookReport = Extract<Report, {kind: 'hook'}>;

/** What the hook prints; '' lets its program continue as if there were no hook. */
const printed = (output: string): Reply => ({...ok, data: {output}});

/** A payload is untrusted: invalid JSON is ignored. */
const parse = (payload: string): unknown => {
	try {
		return JSON.parse(payload);
	} catch {
		return undefined;
	}
};

/** A reader that fails on a payload it was not written for finds nothing and breaks nothing. */
const read = ({facts}: Pick<Room, 'facts'>, cli: Cli, event: string, payload: unknown): readonly Reading[] => {
	try {
		return cli.readHook(event, payload);
	} catch (error) {
		facts.log(`reading the hook ${event} of ${cli.name}: ${error instanceof Error ? error.message : String(error)}`);
		return [];
	}
};

const word = ({facts}: Pick<Room, 'facts'>, cli: Cli, event: string, decision: HookDecision, payload: unknown): string => {
	try {
		return cli.replyHook(event, decision, payload);
	} catch (error) {
		facts.log(`answering the hook ${event} of ${cli.name}: ${error instanceof Error ? error.message : String(error)}`);
		return '';
	}
};

/** What a program is told after a denial without a comment. */
const DENIED = 'A human said no. Find another way, or ask what to do.';

/** The hook's decision for an answer; undefined if only keys can give it. */
const decisionOf = (question: Question, chosen: Choice | undefined, text: string): HookDecision | undefined => {
	if (chosen?.means === 'allow' || chosen?.means === 'always') return {kind: chosen.means};
	if (chosen?.means === 'deny') return {kind: 'deny', text: DENIED};
	if (chosen?.keys !== undefined || question.kind === 'dialog') return undefined;
	return {kind: 'deny', text: question.kind === 'question' ? `The answer is: ${text}` : text};
};

/** Drops state and question: the waiting hook itself holds them. */
const withoutState = ({state: _state, question: _question, ...said}: Reading): Reading => said;

/**
 * Holds a hook until a human decides. It ends once the hook disconnects, or a sign shows that the question was answered in the pane. If the program
 * takes no such decision from its hook, the hook ends without one and the choice's keys are typed into its dialog.
 */
const holdPermission = async (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	attempt: Attempt,
	session: LiveSession,
	hook: {
		readonly asked: Reading & {readonly question: Question};
		readonly payload: unknown;
		readonly wordFor: (decision: HookDecision) => string;
		readonly reply: (reply: Reply) => void;
		readonly onClose: (listener: () => void) => void;
	},
): Promise<void> => {
	const {question, sign} = hook.asked;
	const id = room.facts.newNonce();
	const over = (why: string, how: 'answered' | 'gone'): void => {
		if (attempt.pendingPermissions.delete(held)) session.letGo(id, {sign: `${sign}: ${why}`, how});
	};
	const held: PendingPermission = {
		id,
		subject: subjectOf(hook.payload),
		question,
		wasShown: false,
		wasWaiting: false,
		end: why => {
			over(why, 'gone');
			hook.reply(printed(''));
			closeQuestion(room, open, why).catch(error => room.facts.log(String(error)));
		},
	};
	const open: OpenQuestion = {
		id,
		agent: attempt.agent.id,
		by: 'hook',
		text: question.text,
		detail: question.detail,
		choices: question.choices.map(({label}) => label),
		evidence: sign,
		answer: ({choice, text}) => {
			const chosen = question.choices[choice - 1];
			const decision = decisionOf(question, chosen, text);
			const output = decision ? hook.wordFor(decision) : '';
			hook.reply(printed(output));
			over(`answered: ${chosen?.label ?? text}`, output === '' ? 'gone' : 'answered');
			return output === '' ? typeChoice(room, attempt, question, chosen) : undefined;
		},
	};
	// A human who types into the pane wants to answer there: the hook gives way to the dialog. Their first key is not sent, for it saw no dialog.
	const stopTyped =
		session.cli.asksAfterHook &&
		room.slots.pane(attempt.agent.id)?.onTyped(isEscape => {
			if (isEscape || !attempt.pendingPermissions.has(held)) return false;
			held.end('to be answered in its pane');
			return true;
		});
	hook.onClose(() => {
		if (stopTyped) stopTyped();
		over('the hook hung up', 'gone');
		closeQuestion(room, open, 'withdrew its question').catch(error => room.facts.log(String(error)));
	});
	attempt.pendingPermissions.add(held);
	// In the table first, so that the state never shows without its question.
	const opening = openQuestion(room, open);
	session.hold(id, question, sign);
	await opening;
};

/** A key of a human that interrupts was typed into its pane this shortly before its turn ended, ms. */
const ESCAPED_MS = 5000;

/** Whether a human's key ended this turn, of a program whose hook does not tell. */
const hasEscaped = ({slots}: Pick<Room, 'slots'>, {agent, delivery}: Attempt, {cli, clock, now}: LiveSession): boolean => {
	const escapedAt = Math.max(delivery.interruptedAt, slots.pane(agent.id)?.escapedAt() ?? Number.NEGATIVE_INFINITY);
	const ago = performance.now() - escapedAt;
	// A key from before its prompt ended the turn before.
	return cli.endsCutOffs === true && ago < ESCAPED_MS && ago < clock() - now().promptAt;
};

const isCutOff = (session: LiveSession): boolean => session.now().cutOff !== undefined;
/** How long the sign of a cut may be behind a hook, ms. */
const CUT_OFF_MS = 300;

/** A program may prompt itself once more after it was refused; how long it may take to begin, ms. */
const AGAIN_MS = 2000;

/**
 * Ends a turn that the program begins by itself although it was refused: its interrupt key, while its title says that it works and no human has
 * typed meanwhile.
 */
const endOwnTurn = async ({slots}: Pick<Room, 'slots'>, attempt: Attempt, session: LiveSession): Promise<void> => {
	const pane = slots.pane(attempt.agent.id);
	const [since, startedAt] = [session.clock(), performance.now()];
	const worksAgain = (): boolean => {
		const shown = session.now().claims.get('notice');
		return shown?.state === 'working' && shown.at > since;
	};
	const isOver = (): boolean => !isCutOff(session) || attempt.isEnding || !pane || pane.typedAt() > startedAt;
	await until(() => worksAgain() || isOver(), AGAIN_MS);
	if (worksAgain() && !isOver()) pane?.type(session.cli.keys.interrupt);
};

/** Takes in a hook of an agent's program. Answers at once, unless it asks a human. */
export const takeHook = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>,
	attempt: Attempt,
	{event, payload: text}: HookReport,
	reply: (reply: Reply) => void,
	onClose: (listener: () => void) => void,
): Promise<void> => {
	const {session} = attempt;
	if (!session) {
		reply(printed(''));
		return;
	}
	const {cli} = session;
	const payload = parse(text);
	const readings = read(room, cli, event, payload).map(cleanReading);
	const wordFor = (decision: HookDecision): string => word(room, cli, event, decision, payload);
	const asked = readings.find(reading => reading.question !== undefined);
	if (asked?.question && cli.isQuestion(event)) {
		session.take(readings.map(withoutState));
		await holdPermission(room, attempt, session, {asked: {...asked, question: asked.question}, payload, wordFor, reply, onClose});
		return;
	}
	// A turn that was cut off is not gone on with: its sign may be a moment later than this hook.
	if (cli.isOwnPrompt?.(event, payload) && (hasEscaped(room, attempt, session) || (await until(() => isCutOff(session), CUT_OFF_MS)))) {
		reply(printed(wordFor({kind: 'deny', text: session.now().cutOff?.reason || INTERRUPTED})));
		// Texts for it wait until then.
		if (session.mode === 'interactive') attempt.delivery.last = attempt.delivery.last.then(() => endOwnTurn(room, attempt, session));
		return;
	}
	endHeldByHook([...attempt.pendingPermissions], payload, readings, cli.isToolEnd?.(event) ?? false);
	const isTurnEnd = readings.some(({state}) => state === 'idle');
	if (isTurnEnd && hasEscaped(room, attempt, session))
		session.take(readings.map(said => (said.state === 'idle' ? {...said, reason: INTERRUPTED, cutOff: 'human'} : said)));
	if (isTurnEnd && (isCutOff(session) || readings.some(({cutOff}) => cutOff))) {
		session.take(readings);
		reply(printed(''));
		return;
	}
	// Only a hook that can prolong its turn is used for that: an idle notice cannot.
	if (isTurnEnd && wordFor({kind: 'go-on', text: '.'}) !== '') {
		const mail = await mailForHook(room, attempt, wordFor, true);
		const decision = mail === '' ? stopHook(attempt) : ({kind: 'none'} as const);
		const output = decision.kind === 'none' ? mail : wordFor(decision);
		if (output !== '') {
			session.take(
				readings.map(said => (said.state === 'idle' ? {...said, state: 'working', sign: `${said.sign}, asked to continue`} : said)),
			);
			reply(printed(output));
			return;
		}
	}
	session.take(readings);
	reply(printed(await mailForHook(room, attempt, wordFor, false)));
};

/** Answer to a hook of an ended attempt: a program whose task was reassigned is told to stop. */
export const staleHook = (
	room: Pick<Room, 'facts' | 'slots'>,
	{agent, event, payload: text}: HookReport & {readonly agent: string},
): Reply => {
	const name = plannedAgent(room, agent)?.cli;
	const cli = name && CLIS[name];
	const output = cli ? word(room, cli, event, {kind: 'deny', text: SUPERSEDED}, parse(text)) : '';
	return {...STALE, data: {output}};
};
