import {agentName} from '../../core/agent/agent.ts';
import type {CheckState} from '../../core/merge/checks.ts';
import {type MergeCheck, VERDICT_WORDS, type Verdict} from '../../core/merge/verdict.ts';
import type {ReviewComment, ReviewRound} from '../../core/review/round.ts';
import {ageOf} from '../model/time.ts';
import {type Line, said, span, type Tone, widthOf, wrap} from '../text/text.ts';

const placeOf = ({file, line}: ReviewComment): string => (file ? `${said(file).slice(0, 200)}${line > 0 ? `:${line}` : ''}` : '');

const commentLines = (comment: ReviewComment, columns: number): readonly Line[] => {
	const isMust = comment.severity === 'must-fix';
	const place = placeOf(comment);
	const lead = `   ${isMust ? 'must-fix' : 'nit     '}  `;
	const rows = wrap(`${place ? `${place}  ` : ''}${comment.text}`, Math.max(8, columns - widthOf(lead) - 1), 6);
	return rows.map((row, index): Line => {
		const isPlace = index === 0 && place !== '' && row.startsWith(place);
		return [
			span(index === 0 ? lead : ' '.repeat(widthOf(lead)), isMust ? 'warning' : 'dim'),
			...(isPlace ? [span(place, 'strong'), span(row.slice(place.length))] : [span(row)]),
		];
	});
};

const nameOf = (reviewer: string): string => (reviewer === 'person' ? 'a person' : said(agentName(reviewer)) || 'unknown');

const count = (number: number, word: string): string => (number > 0 ? `${number} ${word}` : '');

/** Review rounds, newest first; must-fix comments before nits. */
export const reviewLines = (rounds: readonly ReviewRound[], columns: number, now: number): readonly Line[] =>
	[...rounds].reverse().flatMap((round, index): readonly Line[] => {
		const must = round.comments.filter(({severity}) => severity === 'must-fix');
		const nits = round.comments.filter(({severity}) => severity === 'nit');
		const counted = [count(must.length, 'must-fix'), count(nits.length, nits.length === 1 ? 'nit' : 'nits')].filter(Boolean).join(', ');
		const isApproved = round.verdict === 'approve';
		const head: Line = [
			span(` ${isApproved ? '✓' : '✗'} `, isApproved ? 'good' : 'warning'),
			span(`${round.stage === 'audit' ? 'audit' : 'round'} ${round.round} `, 'strong'),
			span(`${nameOf(round.reviewer)} ${isApproved ? 'approves' : 'requests changes'}`),
			span(
				`${counted ? ` (${counted})` : ''}${round.commit ? ` at ${said(round.commit).slice(0, 7)}` : ''}${round.at > 0 ? `, ${ageOf(round.at, now)} ago` : ''}`,
				'dim',
			),
		];
		return [
			...(index > 0 ? [[]] : []),
			head,
			...wrap(round.text, Math.max(8, columns - 4), 6).map((row): Line => [span(`   ${row}`)]),
			...[...must, ...nits].flatMap(comment => commentLines(comment, columns)),
		];
	});

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {SAFE: 'good', MERGED: 'good', RUNNING: 'working', 'NOT YET': 'plain'};

/** A warning only where a check objects: a healthy merge that waits for its turn is none. */
export const verdictTone = ({verdict, checks}: Pick<MergeCheck, 'verdict' | 'checks'>): Tone =>
	verdict === 'NOT YET' && checks.some(({state}) => state === 'bad' || state === 'warn') ? 'warning' : VERDICT_TONES[verdict];

/** A check's sign, readable without colour. */
export const CHECK_SIGNS: Readonly<Record<CheckState, {readonly glyph: string; readonly tone: Tone}>> = {
	good: {glyph: '✓', tone: 'good'},
	warn: {glyph: '!', tone: 'warning'},
	bad: {glyph: '✗', tone: 'danger'},
	runs: {glyph: '…', tone: 'working'},
	waits: {glyph: '·', tone: 'dim'},
};

/** `NOT READY to merge: ` and the reason. */
export const verdictLine = (check: MergeCheck): Line => {
	const {verdict, reason} = check;
	const isOpen = verdict === 'SAFE' || verdict === 'NOT YET';
	return [
		span(`${VERDICT_WORDS[verdict]}${isOpen ? ' to merge' : ''}`, verdictTone(check)),
		span(`${verdict === 'MERGED' ? ' ' : ': '}${said(reason)}`),
	];
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
