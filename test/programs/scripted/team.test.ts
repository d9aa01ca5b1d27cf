import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readPlan} from '../../../source/core/plan/read.ts';
import type {Resolution} from '../../../source/programs/scripted/steps.ts';
import {listenAsRoom} from '../../helpers/room-socket.ts';
import {createTerminalTools, type TerminalTools} from './kit.ts';

/** A merge of `main` into the branch is in progress, and both have rewritten one line. */
const inConflict = (): TerminalTools => {
	const terminalTools = createTerminalTools();
	terminalTools.write('README.md', '# desk\n\nStatus: of the base.\n');
	terminalTools.git('commit', '-qam', 'Base moves');
	terminalTools.git('branch', '-f', 'main');
	terminalTools.git('reset', '-q', '--hard', 'HEAD~1');
	terminalTools.write('README.md', '# desk\n\nStatus: mine.\n');
	terminalTools.git('commit', '-qam', 'Mine');
	expect(() => terminalTools.git('merge', '--no-ff', '--no-commit', 'main')).toThrow();
	return terminalTools;
};
const resolved = async (how: Resolution): Promise<string> => {
	const terminalTools = inConflict();
	expect((await terminalTools.start([{resolve: how}]).ended).code).toBe(0);
	expect(existsSync(join(terminalTools.folder, '.git', 'MERGE_HEAD'))).toBe(how === 'nothing');
	return terminalTools.read('README.md');
};

describe('a resolver', () => {
	test('concludes the merge in progress: both sides, one, the markers, or not at all', async () => {
		expect(await resolved('both')).toBe('# desk\n\nStatus: mine.\nStatus: of the base.\n');
		expect(await resolved('ours')).toBe('# desk\n\nStatus: mine.\n');
		expect(await resolved('theirs')).toBe('# desk\n\nStatus: of the base.\n');
		expect(await resolved('markers')).toContain('<<<<<<<');
		expect(await resolved('nothing')).toContain('<<<<<<<');
	});

	test('without a script keeps both sides, and so does a developer whose work conflicts', async () => {
		for (const stage of ['resolve', 'develop']) {
			const terminalTools = inConflict();
			const {code} = await terminalTools.start({scripts: []}, {AGENT_ROOM_STAGE: stage}).ended;
			expect([stage, code]).toEqual([stage, 0]);
			expect(terminalTools.read('README.md')).toContain('Status: mine.\nStatus: of the base.\n');
			expect(terminalTools.git('status', '--porcelain')).toBe('');
		}
	});
});

describe('an orchestrator', () => {
	test('leaves its plan in the file that it was named, valid or not, and by default two tasks', async () => {
		const terminalTools = createTerminalTools();
		const planFile = join(terminalTools.folder, '..', 'plan.yaml');
		const environment = {AGENT_ROOM_STAGE: 'plan', AGENT_ROOM_PLAN_FILE: planFile};
		await terminalTools.start([{plan: {tasks: [{id: 'one', title: 'One'}], cancel: ['old']}}], environment).ended;
		expect(JSON.parse(readFileSync(planFile, 'utf8'))).toEqual({tasks: [{id: 'one', title: 'One'}], cancel: ['old']});
		await terminalTools.start([{plan: {text: 'tasks: ['}}], environment).ended;
		expect(readFileSync(planFile, 'utf8')).toBe('tasks: [');
		await terminalTools.start({scripts: []}, environment).ended;
		expect(JSON.parse(readFileSync(planFile, 'utf8')).tasks).toMatchObject([{id: 'begin'}, {id: 'finish', after: ['begin']}]);
		expect(readPlan(readFileSync(planFile, 'utf8'))).toMatchObject({ok: true});
	});
});

test('a documentation-writer without a script writes a page and commits it', async () => {
	const terminalTools = createTerminalTools();
	expect((await terminalTools.start({scripts: []}, {AGENT_ROOM_STAGE: 'document'}).ended).code).toBe(0);
	expect(terminalTools.git('show', '--stat', '--format=%s', 'HEAD')).toContain('docs/t-1.md');
});

test('a reviewer’s comments are handed in one a line, with place and weight', async () => {
	const room = await listenAsRoom(() => ({ok: true, code: 'ok'}));
	const comments = [
		{file: 'src/a.ts', line: 3, severity: 'must-fix' as const, text: 'Leaks.'},
		{file: 'src/b.ts', line: 9, severity: 'nit' as const, text: 'Name it.'},
	];
	await createTerminalTools().start([{done: {verdict: 'changes', comments}}], {AGENT_ROOM_SOCKET: room.path}).ended;
	expect(room.requests).toMatchObject([
		{kind: 'done', verdict: 'changes', comments: 'src/a.ts:3: must-fix: Leaks.\nsrc/b.ts:9: nit: Name it.'},
	]);
});

describe('one that misbehaves', () => {
	test('moves the base and deletes its branch where nobody stops it, and says what git answered', async () => {
		const terminalTools = createTerminalTools();
		const before = terminalTools.git('rev-parse', 'main');
		const {code, stdout} = await terminalTools.start([{misbehave: 'move-base'}, {misbehave: 'delete-branch'}, {say: 'still here'}], {
			AGENT_ROOM_BRANCH: 'agent/t-1-a1',
		}).ended;
		expect(code).toBe(0);
		expect(stdout).toContain('still here');
		expect(terminalTools.git('rev-parse', 'main')).not.toBe(before);
		expect(terminalTools.git('branch', '--list', 'agent/*')).toBe('');
	});

	test('approves itself under its own token, then in a reviewer’s name', async () => {
		const room = await listenAsRoom(asked =>
			(asked as {agent?: string}).agent === 'agent:dev:001' ? {ok: true, code: 'ok'} : {ok: false, code: 'stale'},
		);
		const {stdout} = await createTerminalTools().start([{misbehave: 'approve-itself'}], {AGENT_ROOM_SOCKET: room.path}).ended;
		expect(room.requests).toMatchObject([
			{agent: 'agent:dev:001', token: '7:n', verdict: 'approve'},
			{agent: 'agent:rev:001', token: '7:n', verdict: 'approve'},
		]);
		expect(stdout).toContain('As agent:rev:001: stale');
	});

	test('fills the disk as far as it is told', async () => {
		const terminalTools = createTerminalTools();
		const {stdout} = await terminalTools.start([{fillDisk: 3_000_000}]).ended;
		expect(stdout).toContain('Wrote 3000000 bytes.');
		expect(terminalTools.read('filled.bin').length).toBe(3_000_000);
	});
});
