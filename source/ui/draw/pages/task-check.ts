import type {CheckState} from '../../../core/checks.ts';
import type {MergeCheck, Verdict} from '../../../core/merge-check.ts';
import {type Line, said, span, type Tone, wrap} from '../text.ts';

export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {SAFE: 'good', MERGED: 'good', RUNNING: 'working', 'NOT YET': 'warning'};

/** The sign of a check; it says the same without its colour. */
export const CHECK_SIGNS: Readonly<Record<CheckState, {readonly glyph: string; readonly tone: Tone}>> = {
	good: {glyph: '✓', tone: 'good'},
	warn: {glyph: '!', tone: 'warning'},
	bad: {glyph: '✗', tone: 'dead'},
	runs: {glyph: '…', tone: 'working'},
	waits: {glyph: '·', tone: 'dim'},
};

/** `NOT YET to merge: ` and why. */
export const verdictLine = ({verdict, reason}: MergeCheck): Line => {
	const words: Readonly<Record<Verdict, string>> = {
		SAFE: 'SAFE to merge',
		'NOT YET': 'NOT YET to merge',
		RUNNING: 'RUNNING',
		MERGED: 'MERGED',
	};
	return [span(words[verdict], VERDICT_TONES[verdict]), span(`${verdict === 'MERGED' ? ' ' : ': '}${said(reason)}`)];
};

/** The same in at most three rows. */
export const verdictRows = (check: MergeCheck, columns: number): readonly Line[] => {
	const [word, ...rest] = verdictLine(check);
	const lead = word?.text ?? '';
	return wrap(`${lead}${rest.map(({text}) => text).join('')}`, Math.max(8, columns - 2), 3).map(
		(row, index): Line =>
			index === 0 ? [span(' '), span(row.slice(0, lead.length), word?.tone ?? 'plain'), span(row.slice(lead.length))] : [span(` ${row}`)],
	);
};

/** The verdict, the six checks, and the risk. */
export const checkLines = (check: MergeCheck, columns: number): readonly Line[] => [
	...verdictRows(check, columns),
	[],
	...check.checks.flatMap(({name, state, text}) => {
		const {glyph, tone} = CHECK_SIGNS[state];
		return wrap(text, Math.max(8, columns - 14), 3).map(
			(row, index): Line => [
				span(index === 0 ? ` ${glyph} ` : '   ', tone),
				span(index === 0 ? name.padEnd(10) : ' '.repeat(10), state === 'bad' ? 'strong' : 'plain'),
				span(row, state === 'waits' ? 'dim' : 'plain'),
			],
		);
	}),
	...(check.risk
		? [
				[],
				[
					span('   risk      ', 'plain'),
					span(check.risk.level, check.risk.level === 'HIGH' ? 'warning' : 'strong'),
					span(`  ${said(check.risk.text)}`),
				] as Line,
			]
		: []),
];
