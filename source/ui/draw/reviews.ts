import {agentName} from '../../core/agent.ts';
import type {ReviewComment, ReviewRound} from '../../core/review-round.ts';
import {ageOf} from '../model/ages.ts';
import {type Line, said, span, widthOf, wrap} from './text.ts';

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

const nameOf = (reviewer: string): string => (reviewer === 'person' ? 'a person' : said(agentName(reviewer)) || 'somebody');

const count = (number: number, word: string): string => (number > 0 ? `${number} ${word}` : '');

/** Rounds of review, the newest first; in each what must be mended stands before what could be better. */
export const reviewLines = (rounds: readonly ReviewRound[], columns: number, now: number): readonly Line[] =>
	[...rounds].reverse().flatMap((round, index): readonly Line[] => {
		const must = round.comments.filter(({severity}) => severity === 'must-fix');
		const nits = round.comments.filter(({severity}) => severity === 'nit');
		const counted = [count(must.length, 'must-fix'), count(nits.length, nits.length === 1 ? 'nit' : 'nits')].filter(Boolean).join(', ');
		const isApproved = round.verdict === 'approve';
		const head: Line = [
			span(` ${isApproved ? '✓' : '✗'} `, isApproved ? 'good' : 'warning'),
			span(`${round.stage === 'audit' ? 'audit' : 'round'} ${round.round} `, 'strong'),
			span(`${nameOf(round.reviewer)} ${isApproved ? 'approves' : 'wants changes'}`),
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
