import {expect, test} from 'vitest';
import {lostLines} from '../../../source/git/merge/lost-lines.ts';
import {processorMs} from '../../helpers/wait.ts';

const labels = {ours: '1111', theirs: '2222'};
const text = (...lines: readonly string[]): string => lines.map(line => `${line}\n`).join('');

/** A file that is all conflict. */
const lost = (base: readonly string[], ours: readonly string[], theirs: readonly string[], result: readonly string[]) =>
	lostLines(
		{
			base: text(...base),
			ours: text(...ours),
			theirs: text(...theirs),
			merged: text('<<<<<<< 1111', ...ours, '||||||| 0000', ...base, '=======', ...theirs, '>>>>>>> 2222'),
			result: text(...result),
		},
		labels,
	);

test('a word that the other side has added as well is no proof that this side is there', () => {
	const sides = [['retries = 3'], ['retries = 5'], ['retries = 3', 'workers = 5']] as const;
	expect(lost(...sides, sides[2])).toEqual([{side: 'ours', line: 'retries = 5'}]);
	expect(lost(...sides, ['retries = 5', 'workers = 5'])).toEqual([]);
	// Woven into one line, both fives are there.
	expect(lost(...sides, ['workers = 5, retries = 5'])).toEqual([]);
});

test('a call is lost although what it calls is there', () => {
	const ours = ['function alpha() {', 'alpha();'];
	expect(lost(['old();'], ours, ['old(1);'], ['function alpha() {', 'old(1);'])).toEqual([{side: 'ours', line: 'alpha();'}]);
	expect(lost(['old();'], ours, ['old(1);'], ['function alpha() {', 'old(1); alpha();'])).toEqual([]);
});

test('what the other side took away need not be there', () => {
	expect(lost(['item'], ['item', 'item'], ['other'], ['item', 'other'])).toEqual([]);
	expect(lost(['item'], ['item', 'item'], ['other'], ['other'])).toEqual([{side: 'ours', line: 'item'}]);
});

test('what both sides added once is there when it is there once', () => {
	expect(lost([], ['import x', 'here'], ['import x', 'there'], ['import x', 'here', 'there'])).toEqual([]);
	expect(lost([], ['import x', 'here'], ['import x', 'there'], ['here', 'there'])).toEqual([{side: 'both', line: 'import x'}]);
});

test('lines without a letter or a digit must only be there at all, and blank ones and indentation never count', () => {
	expect(lost(['a {', '}'], ['a {', '}', 'b {', '}', ''], ['a {', '}', '\tc {', '}'], ['a {', 'b {', 'c {', '}'])).toEqual([]);
	expect(lost(['a'], ['a', '---'], ['a', 'c'], ['a', 'c'])).toEqual([{side: 'ours', line: '---'}]);
});

test('content that looks like a marker is content', () => {
	const merged = text(
		'<<<<<<< HEAD',
		'how git marks it',
		'<<<<<<< 1111:a.md',
		'ours',
		'||||||| 0000',
		'=======',
		'theirs',
		'>>>>>>> 2222:a.md',
	);
	const texts = {base: text('<<<<<<< HEAD', 'how git marks it'), ours: '', theirs: '', merged};
	const sides = {ours: `${texts.base}ours\n`, theirs: `${texts.base}theirs\n`};
	expect(lostLines({...texts, ...sides, result: `${texts.base}ours\ntheirs\n`}, labels)).toEqual([]);
	expect(lostLines({...texts, ...sides, result: `${texts.base}theirs\n`}, labels)).toEqual([{side: 'ours', line: 'ours'}]);
});

test('a whole side of a lock file that was thrown away is told without holding the room up', () => {
	const entries = (side: string) => Array.from({length: 30_000}, (_, at) => `"${side}-package-${at}": {"version": "${at}.0.0-${side}"},`);
	const [ours, theirs] = [entries('ours'), entries('theirs')];
	const tookMs = processorMs(() => expect(lost([], ours, theirs, ours)).toHaveLength(30_000));
	// Looked for line by line in every line it takes ten times as long.
	expect(tookMs).toBeLessThan(5000);
});
