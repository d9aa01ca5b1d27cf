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

/** How long to wait for a sign that the text was taken up, ms: after the Enter, and again after a second one. */
const PROOF_MS = 2000;
/** No paste before the human in the pane has stopped typing for this long, ms; also the longest wait for that. */
const QUIET_MS = 1500;
const LONGEST_TYPING_MS = 20_000;
/** A draft that a human started in the input is left alone for this long, ms. */
const DRAFT_MS = 60_000;
/** Longest wait for a turn about to end, or a program about to be ready, ms. */
const READY_MS = 10_000;
/** Wait after the key that clears the input, ms. */
const CLEARING_MS = 150;
/** A longer text is passed as a file, so that the paste stays one line, bytes. */
const LONG_TEXT = 8 * 1024;
const RECEIPTS_KEPT = 20;
const LOOK_MS = 50;

export type Delivery = {
	readonly text: string;
	readonly what: Handed;
	/** A human saw the pane and wants it typed although no sign says that the program is ready. */
	readonly isOrdered?: boolean;
};

type Outcome = Pick<Receipt, 'outcome' | 'by'>;
const rejected = (by: string): Outcome => ({outcome: 'rejected', by});

/** Waits for a condition; false if it stays false for `forMs`. */
export const until = async (condition: () => boolean, forMs: number): Promise<boolean> => {
	const deadline = performance.now() + forMs;
	while (!condition()) {
		if (performance.now() >= deadline) return false;
		await wait(LOOK_MS);
	}
	return true;
};

/**
 * Sources whose `working` proves that a program took a text up: hooks and stream. A title or a screen does only if the program has nothing better,
 * for it may be busy with something else.
 */
const proves = ({state, source}: Session, {cli: {paste}}: LiveSession): boolean => {
	if (state !== 'working' || source === undefined) return false;
	if (source === 'notice') return paste.proof !== 'hook';
	return source !== 'screen' || paste.proof === 'screen';
};

/**
 * Watches for proof that a text was taken up: a hook says so, or the program started to work since. For a program that already works only the hook
 * counts.
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

/** Why nothing may be typed now; '' if it may. Never into a dialog: there a text is an answer. */
const objection = ({session: live, isEnding, isPaused}: Attempt, isOrdered: boolean): string => {
	if (isEnding) return 'its attempt has ended';
	if (live?.mode !== 'interactive') return 'it reads no input';
	if (isPaused) return 'it is paused';
	const {state} = live.now();
	if (state === 'needs-input') return 'it needs input first';
	if (isOrdered || state === 'idle' || state === 'finished') return '';
	return state === 'unknown' ? 'no sign that it is idle' : `it is not idle: ${state}`;
};

/** It is about to be ready, or its turn is about to end: worth waiting for. */
const isPassing = (attempt: Attempt, isOrdered: boolean): boolean =>
	objection(attempt, isOrdered) !== '' &&
	!attempt.isEnding &&
	!attempt.isPaused &&
	attempt.session?.mode === 'interactive' &&
	attempt.session.now().state !== 'needs-input';

/** A long text is a file in the session's folder; the paste names it. */
const toPaste = ({launched}: Attempt, text: string): string => {
	const most = Math.min(LONG_TEXT, launched?.cli.paste.most ?? LONG_TEXT);
	// The words of a human or of another agent never become a command of the program.
	const pasted = launched ? asTypedText(launched.cli, pasteText(text)) : pasteText(text);
	if (Buffer.byteLength(pasted) <= most || !launched) return pasted;
	const file = join(toldFolder(launched.folder), `text-${Math.round(performance.now())}.md`);
	writeFileSync(file, `${pasted}\n`, {mode: 0o600});
	return `Read the file ${file} and do what it says.`;
};

/** Presses Enter and waits for the proof; presses it once more if the text is still in the input and no dialog is open. */
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
	// What an interrupt put back into the input would join this text; a human's new draft is kept.
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

/** Keeps the receipt of a text: with the attempt, for `explain`, and in the record. A failure loses the line, never the agent. */
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
 * Pastes a text into a program with its own screen, presses Enter, and returns a receipt. One text of an agent at a time; never into a dialog, and
 * never while a human types. A receipt of `unknown` changes nothing else. Never throws.
 */
export const handOverText = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt, handed: Delivery): Promise<Receipt> => {
	const turn = attempt.delivery.last
		.then(() => paste(room, attempt, handed))
		.catch(error => rejected(error instanceof Error ? error.message : String(error)))
		.then(outcome => {
			// A new text starts a new turn: its end needs a report again.
			if (handed.what !== 'reminder' && outcome.outcome === 'proved') attempt.delivery.isReminded = false;
			return keepReceipt(room, attempt, handed.what, outcome);
		});
	attempt.delivery.last = turn;
	return turn;
};
