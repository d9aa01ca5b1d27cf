import * as z from 'zod';
import {type CliName, MODES, type Mode} from '../agent/agent.ts';
import {dollars, formatAge} from '../text/format.ts';
import type {Inferred} from '../text/inferred.ts';
import type {Session} from './evidence.ts';
import {type Receipt, SESSION_STATES, SOURCES, type Source} from './session.ts';

/** What `agent-room explain AGENT` reports of its program; spans in ms, without paused time. */
export const sessionSchema = z.strictObject({
	cli: z.string(),
	mode: z.enum(MODES),
	state: z.enum(SESSION_STATES),
	forMs: z.number(),
	/** The deciding source, '' for none. */
	source: z.enum(['', ...SOURCES]),
	evidence: z.string(),
	reason: z.string(),
	id: z.string(),
	transcript: z.string(),
	doing: z.string(),
	said: z.string(),
	/** Questions of waiting hooks. */
	questions: z.array(z.string()),
	prompts: z.number(),
	receipts: z.array(z.strictObject({what: z.string(), outcome: z.string(), by: z.string(), agoMs: z.number()})),
	/** From the last reading; millionths of a dollar. */
	usage: z.strictObject({micros: z.number(), tokensIn: z.number(), tokensOut: z.number(), model: z.string()}),
	/** Newest first. `isOverruled`: its last claim is outdated. */
	signs: z.array(z.strictObject({source: z.enum(SOURCES), sign: z.string(), agoMs: z.number(), isOverruled: z.boolean()})),
});
export type SessionLine = Inferred<typeof sessionSchema>;

/** Formats a session at `at` of the attempt's own clock. */
export const sessionLine = (
	{cli, mode}: {readonly cli: CliName; readonly mode: Mode},
	session: Session,
	receipts: readonly Receipt[],
	at: number,
): SessionLine => {
	const ago = (moment: number): number => Math.max(0, Math.round(at - moment));
	const {usage} = session;
	return {
		cli,
		mode,
		state: session.state,
		forMs: ago(session.since),
		source: session.source ?? '',
		evidence: session.evidence,
		reason: session.reason,
		id: session.id,
		transcript: session.transcript,
		doing: session.doing,
		said: session.said,
		questions: session.held.map(({question}) => question.text),
		prompts: session.prompts,
		receipts: receipts.map(({what, outcome, by, at: moment}) => ({what, outcome, by, agoMs: ago(moment)})),
		usage: {
			micros: usage?.micros ?? 0,
			tokensIn: usage?.tokensIn ?? 0,
			tokensOut: usage?.tokensOut ?? 0,
			model: usage?.model ?? '',
		},
		signs: session.signs.map(({source, sign, at: moment}) => ({
			source,
			sign,
			agoMs: ago(moment),
			isOverruled: session.overruled.has(source),
		})),
	};
};

const before = (ms: number): string => `${formatAge(ms)} ago`;

const signsOf = ({signs}: SessionLine, source: Source): string =>
	signs
		.filter(sign => sign.source === source)
		.map(({sign, agoMs, isOverruled}, index) => `${sign} ${before(agoMs)}${isOverruled && index === 0 ? ' (out of date)' : ''}`)
		.join(', ');

const usedOf = ({usage: {micros, tokensIn, tokensOut, model}}: SessionLine): string => {
	const parts = [
		...(tokensIn + tokensOut > 0 ? [`${tokensIn} tokens in, ${tokensOut} out`] : []),
		...(micros > 0 ? [dollars(micros)] : []),
	];
	return parts.length === 0 ? '' : `${parts.join(', ')}${model ? ` (${model})` : ''}`;
};

/** Formats it for humans: names and values, without empty ones. */
export const sessionWords = (line: SessionLine): ReadonlyArray<readonly [name: string, text: string]> => {
	const last = line.receipts.at(-1);
	return (
		[
			['program', `${line.cli}, ${line.mode}: ${line.state} for ${formatAge(line.forMs)}`],
			['decided by', line.source === '' ? line.evidence : `${line.evidence} (${line.source})`],
			['because', line.reason],
			['session', line.id],
			['transcript', line.transcript],
			['doing', line.doing],
			['said', line.said.split('\n').join(' ').slice(0, 300)],
			['questions', line.questions.join('; ')],
			['prompts', `${line.prompts} accepted${last ? `; last delivery: ${last.outcome} by ${last.by}, ${before(last.agoMs)}` : ''}`],
			['used', usedOf(line)],
			...SOURCES.map(source => [source, signsOf(line, source)] as const),
		] as const
	).filter(([, text]) => text !== '');
};
