import {expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {type Found, holdText, neededApprovals} from '../../../source/core/merge/approval.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';

const task = parseTask('t-1', {commit: 'c1', owner: 'agent:test:001'});
const found: Found = {
	secrets: [
		{file: 'src/x.ts', line: 12, kind: 'GitHub token'},
		{file: 'a\u001B[2J\nb.ts', line: 1, kind: 'AWS key'},
	],
	unsearched: [],
	runs: ['package.json (scripts.test), which `test` runs'],
	pipelines: [],
	outside: ['docs/a.md'],
	paths: ['src/x.ts', 'docs/a.md'],
	files: 2,
	holds: ['secrets'],
};

test('what holds a merge is told by its place, what weighs most first, and only what the repository lets hold it', () => {
	expect(neededApprovals(task, found, emptySnapshot)).toEqual([
		'possible secret in src/x.ts:12 (GitHub token)',
		expect.stringMatching(/^possible secret in a.*b\.ts:1 \(AWS key\)$/),
	]);
	expect(JSON.stringify(neededApprovals(task, found, emptySnapshot))).not.toMatch(/\\u001b|\\n/i);
	expect(neededApprovals(task, {...found, holds: []}, emptySnapshot)).toEqual([]);
	expect(neededApprovals(task, {...found, holds: ['commands']}, emptySnapshot)).toEqual([
		'changes package.json (scripts.test), which `test` runs',
	]);
	// What could not be looked into holds as what was found does.
	expect(neededApprovals(task, {...found, secrets: [], unsearched: [{file: 'big.bin', why: '9 MB'}]}, emptySnapshot)).toEqual([
		'big.bin could not be scanned for secrets: 9 MB',
	]);
	// A forge runs its CI files whatever this repository holds.
	expect(neededApprovals(task, {...found, pipelines: ['.forgejo/workflows/ci.yml'], holds: []}, emptySnapshot)).toEqual([
		'changes .forgejo/workflows/ci.yml, which the forge runs',
	]);
	expect(neededApprovals(task, {...found, holds: ['scope']}, emptySnapshot)).toEqual(['outside its paths: docs/a.md']);
	expect(holdText(neededApprovals(task, {...found, holds: ['secrets', 'scope']}, emptySnapshot))).toBe(
		'NOT READY: possible secret in src/x.ts:12 (GitHub token), and 2 more',
	);
});

test('a lock of another agent over what is changed is beyond its scope; one of its own is not', () => {
	const lock = (owner: string) => ({locks: new Map([['path:src/**', {name: 'path:src/**', owner, until: 0, takenAt: 0}]])});
	const scope: Found = {...found, secrets: [], outside: [], holds: ['scope']};
	expect(neededApprovals(task, scope, lock('agent:dev:002 4:n'))).toEqual(['src/** is locked by dev-2']);
	expect(neededApprovals(task, scope, lock('agent:test:001 4:n'))).toEqual([]);
	const locks: Found = {...found, secrets: [], holds: ['locks']};
	expect(neededApprovals(task, locks, lock('agent:dev:002 4:n'))).toEqual(['src/** is locked by dev-2']);
	expect(neededApprovals(task, locks, emptySnapshot)).toEqual([]);
});

test('a person clears one commit and no other', () => {
	expect(neededApprovals({...task, cleared: 'c1'}, found, emptySnapshot)).toEqual([]);
	expect(neededApprovals({...task, cleared: 'c0'}, found, emptySnapshot)).toHaveLength(2);
	expect(neededApprovals({...task, commit: '', cleared: ''}, found, emptySnapshot)).toHaveLength(2);
});

test('secrets hold by default; what is no check, and what is no pattern, is refused', () => {
	expect(configSchema.parse({})).toMatchObject({requireApproval: ['secrets', 'commands'], secretAllowlist: []});
	expect(configSchema.parse({requireApproval: [], secretAllowlist: ['test/fixtures/**', '*.pem']})).toMatchObject({
		requireApproval: [],
		secretAllowlist: ['test/fixtures/**', '*.pem'],
	});
	for (const wrong of [
		{requireApproval: ['tests']},
		{requireApproval: 'secrets'},
		{secretAllowlist: ['../a']},
		{secretAllowlist: ['!a']},
		{secretAllowlist: [':(exclude)a']},
	])
		expect(configSchema.safeParse(wrong).success).toBe(false);
});
