import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {judgeMerge} from '../../../source/git/merge/lost-sides.ts';
import {keepBothSides} from '../../../source/programs/scripted/conflict.ts';
import {createMergeCases, type Files} from '../../helpers/merge-cases.ts';

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
const BASE = {'a.txt': lines('one', 'two', 'three', 'four', 'five'), 'b.txt': 'other\n'};
const withA = (text: string, more: Files = {}): Files => ({...BASE, 'a.txt': text, ...more});
const OURS = withA(lines('one', 'two', 'THREE', 'four', 'five'));
const THEIRS = withA(lines('one', 'two', 'drei', 'four', 'five'), {'new.txt': 'brand new\n'});

type Given = {readonly base?: Files; readonly ours?: Files; readonly theirs?: Files; readonly isAuthor?: boolean};
const judged = async (result: Files, {base = BASE, ours = OURS, theirs = THEIRS, isAuthor = false}: Given = {}) => {
	const cases = createMergeCases();
	return judgeMerge(cases.folder, cases.pour(base, ours, theirs, result), {isAuthor});
};
const both = withA(lines('one', 'two', 'THREE', 'drei', 'four', 'five'), {'new.txt': 'brand new\n'});

describe('the judgement of a resolved conflict', () => {
	test('both sides kept, in either order, indented, or woven into one line', async () => {
		expect(await judged(both)).toEqual({kind: 'kept', files: ['a.txt']});
		expect(await judged({...both, 'a.txt': lines('one', 'two', '  drei', '  THREE', 'four', 'five')})).toMatchObject({kind: 'kept'});
		expect(await judged({...both, 'a.txt': lines('one', 'two', 'THREE (drei)', 'four', 'five')})).toMatchObject({kind: 'kept'});
	});

	test('a side that was taken is named with the lines of the other', async () => {
		expect(await judged({...THEIRS, 'a.txt': OURS['a.txt'] ?? ''})).toEqual({
			kind: 'dropped',
			dropped: [{file: 'a.txt', side: 'theirs', lines: ['drei']}],
		});
		expect(await judged(THEIRS)).toEqual({kind: 'dropped', dropped: [{file: 'a.txt', side: 'ours', lines: ['THREE']}]});
	});

	test('a side that was thrown away as a whole is noticed in files that had no conflict', async () => {
		const dropped = await judged({...both, 'new.txt': 'something else\n'});
		expect(dropped).toEqual({kind: 'dropped', dropped: [{file: 'new.txt', side: 'theirs', lines: ['brand new']}]});
		const {'new.txt': _gone, ...without} = both;
		expect(await judged(without)).toEqual({kind: 'dropped', dropped: [{file: 'new.txt', side: 'theirs', lines: []}]});
		expect(await judged(OURS)).toMatchObject({
			dropped: [
				{file: 'a.txt', side: 'theirs'},
				{file: 'new.txt', side: 'theirs'},
			],
		});
	});

	test('markers that were left count, and lines that look like some and were there before do not', async () => {
		expect(await judged({...both, 'a.txt': lines('one', '<<<<<<< HEAD', 'THREE', '=======', 'drei', '>>>>>>> main', 'five')})).toEqual({
			kind: 'markers',
			files: ['a.txt'],
		});
		const head = '<<<<<<< how git marks a conflict\n';
		const headed = (files: Files): Files => ({...files, 'a.txt': `${head}${files['a.txt']}`});
		expect(await judged(headed(both), {base: headed(BASE), ours: headed(OURS), theirs: headed(THEIRS)})).toMatchObject({kind: 'kept'});
	});

	test('a result that has not merged the other side is no resolution', async () => {
		const cases = createMergeCases();
		expect(await judgeMerge(cases.folder, cases.pour(BASE, OURS, THEIRS, both, [2]), {isAuthor: true})).toEqual({kind: 'unmerged'});
	});

	test('its author may rewrite and remove its own lines, also in files that had no conflict, and none of the other side', async () => {
		const ours: Files = {...OURS, 'mine.txt': 'mine\n'};
		const sides = {ours, isAuthor: true};
		const result = {...both, 'a.txt': lines('one', 'two', 'tres', 'drei', 'four', 'five'), 'mine.txt': 'rewritten\n'};
		const {'mine.txt': _mine, ...without} = result;
		expect(await judged(result, sides)).toMatchObject({kind: 'kept'});
		expect(await judged(without, sides)).toMatchObject({kind: 'kept'});
		expect(await judged(result, {ours})).toMatchObject({dropped: [{side: 'ours'}, {file: 'mine.txt', side: 'ours'}]});
		expect(await judged({...result, 'a.txt': ours['a.txt'] ?? ''}, sides)).toEqual({
			kind: 'dropped',
			dropped: [{file: 'a.txt', side: 'theirs', lines: ['drei']}],
		});
		expect(await judged({...result, 'new.txt': ''}, sides)).toMatchObject({dropped: [{file: 'new.txt', side: 'theirs'}]});
		// The file of the other side, taken as it is, rewrites nothing: the author's change is gone.
		expect(await judged({...result, 'a.txt': THEIRS['a.txt'] ?? ''}, sides)).toMatchObject({dropped: [{file: 'a.txt', side: 'ours'}]});
	});

	test('a file that one side deleted and the other changed: the change must stay, the deletion need not', async () => {
		const {'a.txt': _deleted, ...ours} = BASE;
		expect(await judged(ours, {ours})).toMatchObject({dropped: [{file: 'a.txt', side: 'theirs', lines: ['drei']}, {file: 'new.txt'}]});
		expect(await judged(THEIRS, {ours})).toMatchObject({kind: 'kept'});
	});

	test('a file that both sides renamed keeps the content of both', async () => {
		const long = lines(...Array.from({length: 30}, (_, at) => `line ${at}`));
		const base = {'old.txt': long};
		const ours = {'here.txt': `${long}from here\n`};
		const theirs = {'there.txt': `${long}from there\n`};
		const sides = {base, ours, theirs};
		expect(await judged({'here.txt': `${long}from here\nfrom there\n`}, sides)).toMatchObject({kind: 'kept'});
		expect(await judged({'here.txt': `${long}from here\n`}, sides)).toMatchObject({
			dropped: [{file: 'old.txt, here.txt, there.txt', side: 'theirs', lines: ['from there']}],
		});
	});

	test('a file renamed on one side and changed on the other is followed', async () => {
		const long = lines(...Array.from({length: 30}, (_, at) => `line ${at}`));
		const sides = {
			base: {'old.txt': long, 'c.txt': 'c\n'},
			ours: {'new.txt': long, 'c.txt': 'here\n'},
			theirs: {'old.txt': `${long}changed there\n`, 'c.txt': 'there\n'},
		};
		expect(await judged({'new.txt': `${long}changed there\n`, 'c.txt': 'here there\n'}, sides)).toMatchObject({kind: 'kept'});
		expect(await judged({'new.txt': long, 'c.txt': 'here there\n'}, sides)).toEqual({
			kind: 'dropped',
			dropped: [{file: 'new.txt', side: 'theirs', lines: ['changed there']}],
		});
	});

	test('a picture that both sides changed is for a person to decide, whichever was taken', async () => {
		const picture = (name: string): Buffer => Buffer.from(`\u0000\u0001${name}`);
		const sides = {base: {p: picture('0')}, ours: {p: picture('1')}, theirs: {p: picture('2')}};
		expect(await judged({p: picture('1')}, sides)).toEqual({kind: 'dropped', dropped: [{file: 'p', side: 'theirs', lines: []}]});
		expect(await judged({p: picture('3')}, sides)).toEqual({kind: 'dropped', dropped: [{file: 'p', side: 'both', lines: []}]});
	});

	test('a line made of words that were there before counts by its number, also where both sides made the same change', async () => {
		const flags = (...values: readonly string[]): Files => ({
			f: lines(...values.map((value, at) => (value ? `retry: ${value}` : `gap ${at}`))),
		});
		const sides = {
			base: flags('no', '', '', '', 'no', 'yes'),
			ours: flags('yes', '', '', '', 'no', 'yes'),
			theirs: {f: lines('retry: no # later', 'gap 1', 'gap 2', 'gap 3', 'retry: yes', 'retry: yes')},
		};
		expect(await judged(sides.theirs, sides)).toMatchObject({kind: 'dropped', dropped: [{file: 'f', side: 'both', lines: ['retry: yes']}]});
		const kept = {f: lines('retry: yes # later', 'gap 1', 'gap 2', 'gap 3', 'retry: yes', 'retry: yes')};
		expect(await judged(kept, sides)).toMatchObject({kind: 'kept'});
	});

	test('two changes of one line are kept where the words of both are in the new one', async () => {
		const sides = {base: {f: 'call(a, b)\n'}, ours: {f: 'call(a, a)\n'}, theirs: {f: 'apply(a, b)\n'}};
		expect(await judged({f: 'apply(a, a)\n'}, sides)).toMatchObject({kind: 'kept'});
		expect(await judged({f: 'apply(a, b)\n'}, sides)).toMatchObject({dropped: [{side: 'ours', lines: ['call(a, a)']}]});
		expect(await judged({f: 'call(a, a)\n'}, sides)).toMatchObject({dropped: [{side: 'theirs', lines: ['apply(a, b)']}]});
	});
});

const PATHS = ['a', 'b', 'dir/c'] as const;
/** Lines of few words, so that many are alike; what a side adds carries a word of its own besides. */
const word = fc.constantFrom('let', 'yes', 'no', 'end', '}');
const edit = fc.record({path: fc.constantFrom(...PATHS), at: fc.nat(7), kind: fc.constantFrom('add', 'replace', 'delete', 'add'), word});
const resolver = fc.oneof(
	...(['keep', 'ours', 'theirs', 'ours-file', 'theirs-file', 'rewrite'] as const).map(kind =>
		fc.record({kind: fc.constant(kind), at: fc.nat(99)}),
	),
	fc.record({kind: fc.constant('drop' as const), at: fc.nat(99)}),
);

type Edit = {readonly path: string; readonly at: number; readonly kind: string; readonly word: string};

const edited = (base: Files, edits: readonly Edit[], side: string): Files => {
	const files = Object.fromEntries(Object.entries(base).map(([path, text]) => [path, String(text).split('\n').slice(0, -1)]));
	for (const [number, {path, at, kind, word: said}] of edits.entries()) {
		const all = files[path] ?? [];
		const news = `${said} ${side}${number} ${said}`;
		all.splice(Math.min(at, all.length), kind === 'add' ? 0 : 1, ...(kind === 'delete' ? [] : [news]));
	}
	return Object.fromEntries(Object.entries(files).map(([path, all]) => [path, `${all.join('\n')}\n`]));
};

/** The words of their own that a side has brought in, with their number. */
const ownWords = (files: Files, side: string): readonly string[] =>
	Object.values(files).flatMap(text => String(text).match(new RegExp(`\\b${side}\\d+\\b`, 'g')) ?? []);

test('whatever a resolver does: what a side has added is in the result, or the result is not accepted; and keeping both always is', async () => {
	const cases = createMergeCases();
	let kept = 0;
	let refused = 0;
	await fc.assert(
		fc.asyncProperty(
			fc.array(word, {minLength: 3, maxLength: 8}),
			fc.array(edit, {minLength: 1, maxLength: 5}),
			fc.array(edit, {minLength: 1, maxLength: 5}),
			resolver,
			async (words, ourEdits, theirEdits, {kind, at}) => {
				const base = Object.fromEntries(PATHS.map(path => [path, `${words.map((said, line) => `${said} ${line % 3}`).join('\n')}\n`]));
				const [ours, theirs] = [edited(base, ourEdits, 'our'), edited(base, theirEdits, 'their')];
				const merged = await cases.merge(cases.pour(base, ours, theirs));
				const union = Object.fromEntries(Object.entries(merged).map(([path, text]) => [path, keepBothSides(String(text))]));
				const taken = PATHS[at % PATHS.length] ?? 'a';
				const all = Object.entries(union).flatMap(([path, text]) =>
					String(text)
						.split('\n')
						.map((_, line) => [path, line] as const),
				);
				const [path = '', line = 0] = all[at % all.length] ?? [];
				const without = {...union, [path]: (union[path] ?? '').split('\n').toSpliced(line, 1).join('\n')};
				const rewritten = Object.fromEntries(
					Object.entries(union).map(([name, text]) => [name, text.replace(/^(\S+) (our\d+)/gm, '$2 - $1')]),
				);
				const results: Record<typeof kind, Files> = {
					keep: union,
					ours,
					theirs,
					'ours-file': {...union, [taken]: ours[taken] ?? ''},
					'theirs-file': {...union, [taken]: theirs[taken] ?? ''},
					drop: without,
					rewrite: rewritten,
				};
				const result = results[kind];
				const commits = cases.pour(base, ours, theirs, result);
				const judgement = await judgeMerge(cases.folder, commits, {isAuthor: false});
				const ofAuthor = await judgeMerge(cases.folder, commits, {isAuthor: true});
				const wanted = [...ownWords(ours, 'our'), ...ownWords(theirs, 'their')];
				const there = new Set([...ownWords(result, 'our'), ...ownWords(result, 'their')]);
				const isLost = wanted.some(own => !there.has(own));
				if (judgement.kind === 'kept') kept += 1;
				else refused += 1;
				if (isLost) expect(judgement.kind).toBe('dropped');
				// Whoever resolves, the other side is protected all the same.
				if (ownWords(theirs, 'their').some(own => !there.has(own))) expect(ofAuthor.kind).toBe('dropped');
				if (judgement.kind === 'dropped')
					expect(ofAuthor.kind === 'dropped' ? ofAuthor.dropped : []).toEqual(
						expect.arrayContaining(judgement.dropped.filter(({side}) => side !== 'ours')),
					);
				if (kind === 'keep' || kind === 'rewrite') expect(judgement).toMatchObject({kind: 'kept'});
			},
		),
		{numRuns: 40},
	);
	// Both happen often: neither side of the promise is empty.
	expect(Math.min(kept, refused)).toBeGreaterThan(5);
});
