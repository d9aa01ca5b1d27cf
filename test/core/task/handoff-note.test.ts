import {expect, test} from 'vitest';
import {handoffNote, type LastAttempt} from '../../../source/core/task/handoff-note.ts';

const last: LastAttempt = {
	agent: 'agent:dev:002',
	stage: 'develop',
	attempt: 2,
	ranMs: 720_000,
	reason: 'exit 1: no quota left',
	progress: ['reading', 'half\ndone'],
	commits: ['abc123 Begin', 'def456 Save'],
	wasDirty: true,
	lastLines: ['$ npm test', 'no quota left'],
};

test('a note says who had the task, what was tried and how it ended', () => {
	expect(handoffNote(last, '')).toBe(`dev-2 owned it for 12m (develop, attempt 2).
It ended: exit 1: no quota left.
Progress reports:
- reading
- half done
Commits not yet on the base branch, newest first:
- abc123 Begin
- def456 Save
Its uncommitted changes are committed on top.
Last output:
$ npm test
no quota left`);
});

test('a note of somebody who left nothing says only what is known', () => {
	const nothing = {...last, ranMs: undefined, reason: '', progress: [], commits: [], wasDirty: false, lastLines: []};
	expect(handoffNote(nothing, '')).toBe('dev-2 owned it (develop, attempt 2).\nIt ended: no reason recorded.');
});

test('earlier notes stand behind it, and all of it stays bounded and plain', () => {
	expect(handoffNote({...last, lastLines: []}, 'dev-1 had it.')).toMatch(/committed on top\.\n\nEarlier:\ndev-1 had it\.$/);
	let note = '';
	for (let attempt = 1; attempt <= 20; attempt++)
		note = handoffNote({...last, attempt, lastLines: Array.from({length: 500}, (_, at) => `\u001b[31m${at}${'x'.repeat(500)}`)}, note);
	expect(note.length).toBeLessThan(12_100);
	expect(note).not.toContain('\u001b');
	expect(note).toMatch(/^dev-2 owned it for 12m \(develop, attempt 20\)\./);
	expect(note).toContain('attempt 19');
	expect(note).toContain('499xxx');
	expect(note).not.toContain('attempt 1)');
});
