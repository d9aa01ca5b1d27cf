import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Session} from '../../core/session/evidence.ts';
import type {Handed, Receipt} from '../../core/session/session.ts';
import {asTypedText} from '../../harnesses/shared/cli.ts';
import {pasteBytes, pasteText} from '../../terminal/input/bytes.ts';
import {inputBeforeCursor} from '../../terminal/screen/answers.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {type Attempt, type LiveSession, toldFolder} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** A sign of the program that it took the text up is waited for this long, twice: after the Enter, and after a second one, ms. */
const PROOF_MS = 2000;
/** Whoever typed into the pane has stopped for this long before anything is pasted; and so long is waited for that, ms. */
const QUIET_MS = 1500;
const LONGEST_TYPING_MS = 20_000;
/** A text that somebody began in the input stays theirs for this long, ms. */
const DRAFT_MS = 60_000;
/** A turn that is about to end, or a program that is about to be ready, is waited for this long, ms. */
const READY_MS = 10_000;
/** After the key that empties the input, ms. */
const CLEARING_MS = 150;
/** A longer text goes by a file: what is pasted stays a line, bytes. */
const LONG_TEXT = 8 * 1024;
const RECEIPTS_KEPT = 20;
const LOOK_MS = 50;

export type Delivery = {
	readonly text: string;
	readonly what: Handed;
	/** A person saw the pane and wants it typed although nothing says that the program is ready. */
	readonly isOrdered?: boolean;
};

type Outcome = Pick<Receipt, 'outcome' | 'by'>;
const rejected = (by: string): Outcome => ({outcome: 'rejected', by});

/** Whether something came true within a time. */
export const until = async (condition: () => boolean, forMs: number): Promise<boolean> => {
	const deadline = performance.now() + forMs;
	while (!condition()) {
		if (performance.now() >= deadline) return false;
		await wait(LOOK_MS);
	}
	return true;
};

/**
 * Sources of which a program's `working` proves that it took a text up: its hooks and its stream. A title or a screen does so only where the program has
 * nothing better, for it may be busy with something else.
 */
const proves = ({state, source}: Session, {cli: {paste}}: LiveSession): boolean => {
	if (state !== 'working' || source === undefined) return false;
	if (source === 'notice') return paste.proof !== 'hook';
	return source !== 'screen' || paste.proof === 'screen';
};

/**
 * Watches for the sign that a text was taken up: a hook that says so, or that the program began to work meanwhile. What it did before does not count:
 * whoever works already needs the hook's own word.
 */
export const watchProof = (live: LiveSession): {readonly proof: () => string | undefined; readonly stop: () => void} => {
	let seen: string | undefined;
	const wasWorking = live.now().state === 'working';
	const stopReadings = live.onReadings(readings => {
		seen ??= readings.find(reading => reading.isPromptTaken)?.sign;
	});
	const stopChanges = live.onChange(session => {
		if (!wasWorking && proves(session, live)) seen ??= session.evidence;
	});
	return {
		proof: () => seen,
		stop: () => {
			stopReadings();
			stopChanges();
		},
	};
};

/** Why nothing may be typed now; '' where it may. Never into a dialog: there a text is an answer. */
const objection = ({session: live, isEnding, isPaused}: Attempt, isOrdered: boolean): string => {
	if (isEnding) return 'its attempt has ended';
	if (live?.mode !== 'interactive') return 'it reads no input';
	if (isPaused) return 'it is paused';
	const {state} = live.now();
	if (state === 'needs-input') return 'it needs input first';
	if (isOrdered || state === 'idle' || state === 'finished') return '';
	return state === 'unknown' ? 'no sign that it is idle' : `it is not idle: ${state}`;
};

/** It is about to be ready, or its turn is about to end: that is waited for. */
const isPassing = (attempt: Attempt, isOrdered: boolean): boolean =>
	objection(attempt, isOrdered) !== '' &&
	!attempt.isEnding &&
	!attempt.isPaused &&
	attempt.session?.mode === 'interactive' &&
	attempt.session.now().state !== 'needs-input';

/** A long text lies in a file of the session's folder, and what is pasted names it. */
const toPaste = ({launched}: Attempt, text: string): string => {
	const most = Math.min(LONG_TEXT, launched?.cli.paste.most ?? LONG_TEXT);
	// A person's words, or another agent's, never become a command of the program.
	const pasted = launched ? asTypedText(launched.cli, pasteText(text)) : pasteText(text);
	if (Buffer.byteLength(pasted) <= most || !launched) return pasted;
	const file = join(toldFolder(launched.folder), `text-${Math.round(performance.now())}.md`);
	writeFileSync(file, `${pasted}\n`, {mode: 0o600});
	return `Read the file ${file} and do what it says.`;
};

/** Presses Enter and waits for the proof; presses it once more where the text still stands in the input and no dialog does. */
const submit = async (
	{slots}: Pick<Room, 'slots'>,
	attempt: Attempt,
	live: LiveSession,
	{proof}: ReturnType<typeof watchProof>,
): Promise<Outcome> => {
	const pane = slots.pane(attempt.agent.id);
	if (!pane) return rejected('it has no pane');
	for (let enter = 0; enter < 2; enter++) {
		const isStillThere = enter === 0 || inputBeforeCursor(pane.screen) !== '';
		if (isStillThere && objection(attempt, true) === '' && !pane.type('\r')) return rejected('its program reads nothing');
		if (await until(() => proof() !== undefined || attempt.isEnding, PROOF_MS)) break;
	}
	const by = proof();
	if (by !== undefined) return {outcome: 'proved', by};
	return {outcome: 'unknown', by: `typed, not confirmed (${live.now().state}: ${live.now().evidence})`};
};

const paste = async (room: Pick<Room, 'slots'>, attempt: Attempt, {text, isOrdered = false}: Delivery): Promise<Outcome> => {
	const {session: live, launched} = attempt;
	const pane = room.slots.pane(attempt.agent.id);
	if (!live || !launched || !pane) return rejected('it reads no input');
	await until(() => !isPassing(attempt, isOrdered), READY_MS);
	if (!(await until(() => performance.now() - pane.typedAt() > QUIET_MS, LONGEST_TYPING_MS)))
		return rejected('someone is typing into its pane');
	const against = objection(attempt, isOrdered);
	if (against !== '') return rejected(against);
	// What an interrupt put back into the input would be a part of this text; what a person has just begun there is not thrown away.
	if ((inputBeforeCursor(pane.screen) ?? '') !== '') {
		if (performance.now() - pane.typedAt() < DRAFT_MS) return rejected('its input holds unsent text');
		pane.type(launched.cli.keys.clear);
		await wait(CLEARING_MS);
	}
	const watched = watchProof(live);
	try {
		if (!pane.type(pasteBytes(toPaste(attempt, text)))) return rejected('its program reads nothing');
		await wait(launched.cli.paste.gapMs);
		return await submit(room, attempt, live, watched);
	} finally {
		watched.stop();
	}
};

/** Keeps what became of a text: with the attempt, for `explain`, and in the record. Its failure costs the line, never the agent. */
export const keepReceipt = (
	{facts, link}: Pick<Room, 'facts' | 'link'>,
	attempt: Attempt,
	what: Handed,
	{outcome, by}: Outcome,
): Receipt => {
	const receipt: Receipt = {what, outcome, by: cleanText(by, 200), at: attempt.session?.clock() ?? 0};
	attempt.delivery.receipts.push(receipt);
	if (attempt.delivery.receipts.length > RECEIPTS_KEPT) attempt.delivery.receipts.shift();
	const note = {type: `prompt_${outcome}`, task: attempt.task.id, agent: attempt.agent.id, text: `${what}: ${receipt.by}`} as const;
	link
		.retryUntilWritten(() => link.coordination.appendEvent(note))
		.catch(error => facts.log(`cannot record the delivery to ${attempt.agent.id}: ${String(error)}`));
	return receipt;
};

/**
 * Hands a text over to a program with a screen of its own: pasted, with its Enter, and a receipt. Texts of one agent go one after the other; none goes
 * into a dialog, and none while a person types there. A receipt of `unknown` takes nothing from anybody. Never throws.
 */
export const handOverText = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt, handed: Delivery): Promise<Receipt> => {
	const turn = attempt.delivery.last
		.then(() => paste(room, attempt, handed))
		.catch(error => rejected(error instanceof Error ? error.message : String(error)))
		.then(outcome => {
			// New text, new turn: whether its end is reported is asked again.
			if (handed.what !== 'reminder' && outcome.outcome === 'proved') attempt.delivery.isReminded = false;
			return keepReceipt(room, attempt, handed.what, outcome);
		});
	attempt.delivery.last = turn;
	return turn;
};
