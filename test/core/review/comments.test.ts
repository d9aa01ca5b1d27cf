import {describe, expect, test} from 'vitest';
import {readChangedPlaces} from '../../../source/core/change/diff.ts';
import {
	byUrgency,
	countComments,
	formatComment,
	formatComments,
	readComments,
	tellAnswer,
	verdictOf,
	withRound,
} from '../../../source/core/review/comments.ts';
import {readReviews} from '../../../source/core/review/round.ts';

describe('what a reviewer wrote', () => {
	test.each([
		['src/a.ts:3: must-fix: empty name', {file: 'src/a.ts', line: 3, severity: 'must-fix', text: 'empty name'}],
		['src/a.ts:3:14: nit: shorter', {file: 'src/a.ts', line: 3, severity: 'nit', text: 'shorter'}],
		['- `src/a b.ts:3`: Must Fix: x', {file: 'src/a b.ts', line: 3, severity: 'must-fix', text: 'x'}],
		['* src/a.ts: nitpick: y', {file: 'src/a.ts', line: 0, severity: 'nit', text: 'y'}],
		['must-fix: no tests', {file: '', line: 0, severity: 'must-fix', text: 'no tests'}],
		['**nit**: z', {file: '', line: 0, severity: 'nit', text: 'z'}],
	] as const)('%s', (line, expected) => {
		expect(readComments(line, 'changes')).toEqual({text: '', comments: [expected]});
	});

	test('goes on over several lines, and what stands before the first comment is its text', () => {
		const given = 'Nearly there.\n\nsrc/a.ts:3: must-fix: empty name\n  is accepted\nsrc/b.ts:1: nit: typo\n';
		expect(readComments(given, 'changes')).toEqual({
			text: 'Nearly there.',
			comments: [
				{file: 'src/a.ts', line: 3, severity: 'must-fix', text: 'empty name\n  is accepted'},
				{file: 'src/b.ts', line: 1, severity: 'nit', text: 'typo'},
			],
		});
	});

	test('may be JSON, a list or an object', () => {
		const one = {file: 'a.ts', line: 2, severity: 'nit', text: 'x'};
		expect(readComments(JSON.stringify([one]), 'approve')).toEqual({text: '', comments: [one]});
		expect(readComments(JSON.stringify({text: 'Fine.', comments: [{path: 'a.ts', line: -1, message: 'y'}]}), 'changes')).toEqual({
			text: 'Fine.',
			comments: [{file: 'a.ts', line: 0, severity: 'must-fix', text: 'y'}],
		});
		expect(readComments('[not json', 'changes').comments[0]).toMatchObject({text: '[not json', file: ''});
	});

	test('as free text is one must-fix where changes are asked for, and a text beside an approval', () => {
		expect(readComments('rename it', 'changes')).toEqual({
			text: '',
			comments: [{file: '', line: 0, severity: 'must-fix', text: 'rename it'}],
		});
		expect(readComments('Reads well.', 'approve')).toEqual({text: 'Reads well.', comments: []});
		expect(readComments('  \n', 'changes')).toEqual({text: '', comments: []});
	});

	test('is bounded, cleaned, and costs a flood of blanks nothing', () => {
		const flood = Array.from({length: 500}, () => 'a.ts:1: nit: x').join('\n');
		expect(readComments(flood, 'changes').comments).toHaveLength(200);
		expect(readComments(`a.ts:1: nit: \u001b[31m${'y'.repeat(9000)}`, 'changes').comments[0]?.text).toMatch(/^y{4000}\n\[cut/);
		const started = process.cpuUsage();
		readComments(`a${' '.repeat(60_000)}`, 'changes');
		// Its own time: others on this machine take theirs.
		const {user, system} = process.cpuUsage(started);
		expect((user + system) / 1000).toBeLessThan(500);
	});

	test('approves nothing that must be fixed', () => {
		const {comments} = readComments('a.ts:1: must-fix: x\nb.ts:1: nit: y', 'approve');
		expect(verdictOf('approve', comments)).toBe('changes');
		expect(verdictOf('approve', comments.slice(1))).toBe('approve');
		expect(verdictOf('changes', [])).toBe('changes');
		expect(countComments(comments)).toBe('1 must-fix, 1 nit');
	});
});

test('comments are written as they are read, what must be fixed first', () => {
	const given = 'b.ts: nit: y\nmust-fix: z\na.ts:1: must-fix: x';
	const read = readComments(given, 'changes');
	expect(read.comments.map(formatComment).join('\n')).toBe(given);
	expect(byUrgency(read.comments).map(({text}) => text)).toEqual(['z', 'x', 'y']);
	expect(formatComments({text: 'So:', comments: read.comments})).toBe('So:\nmust-fix: z\na.ts:1: must-fix: x\nb.ts: nit: y');
});

test('rounds are counted on, and the last twenty kept', () => {
	const round = {at: 1, stage: 'review', reviewer: 'agent:rev:001', commit: 'c', verdict: 'changes', text: '', comments: []} as const;
	let json = '';
	for (let at = 0; at < 23; at++) json = withRound(readReviews(json), {...round, at});
	expect(readReviews(json)).toHaveLength(20);
	expect(readReviews(json).at(-1)).toMatchObject({round: 23, at: 22});
	expect(readReviews(json)[0]).toMatchObject({round: 4});
});

test('a comment is told whether its place was touched since', () => {
	const diff = [
		'diff --git a/src/a.ts b/src/a.ts',
		'index 1..2 100644',
		'--- a/src/a.ts',
		'+++ b/src/a.ts',
		'@@ -10,2 +10,3 @@ x',
		'-old',
		'-diff --git a/fake b/fake',
		'+new',
		'+@@ -1 +1 @@',
		'+more',
		'@@ -30,0 +32,1 @@',
		'+added',
		'diff --git a/gone.ts b/gone.ts',
		'deleted file mode 100644',
	].join('\n');
	const changes = readChangedPlaces(diff);
	expect([...changes.keys()]).toEqual(['src/a.ts', 'gone.ts']);
	const at = (file: string, line: number): string => tellAnswer({file, line, severity: 'must-fix', text: ''}, changes);
	expect(at('src/a.ts', 12)).toBe('changed there since');
	expect(at('src/a.ts', 33)).toBe('changed there since');
	expect(at('src/a.ts', 20)).toBe('the file has changed since, but not there');
	expect(at('src/a.ts', 0)).toBe('the file has changed since');
	expect(at('src/b.ts', 1)).toBe('not touched since');
	expect(at('', 0)).toBe('');
	expect(tellAnswer({file: '', line: 0, severity: 'must-fix', text: ''}, new Map())).toBe('nothing has changed since');
});
