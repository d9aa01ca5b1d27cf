import {expect, test} from 'vitest';
import {mergeCheckSchema} from '../../../source/core/merge/verdict.ts';
import {APPROVES, DEV_1, openEngine, type TestRoom} from '../../helpers/engine.ts';

/** Writes and commits one file, leaves another uncommitted, and ends when it is told to; a second time it hands in at once. */
const DEVELOPER = [
	'if [ -e "$D/go" ]; then cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief"; echo mended >>src/a.txt; exit; fi',
	'mkdir -p src; echo one >src/a.txt; git add -A; git -c user.name=d -c user.email=d@example.org commit -q -m "first step"; echo two >open.txt',
	'touch "$D/wrote"; until [ -e "$D/go" ]; do sleep 0.05; done',
].join('\n');
const REVIEWER = `until [ -e "$D/approve" ]; do sleep 0.05; done; ${APPROVES}`;

const explained = async (room: TestRoom) => {
	const {data} = await room.call({op: 'explain', id: 'one'});
	return mergeCheckSchema.parse(typeof data === 'object' && data && 'merge' in data ? data.merge : undefined);
};

test('a task is looked at while it is worked on, as it was handed in, and as it landed; a comment that must be fixed takes it back from its review', async () => {
	const room = await openEngine({agents: {developer: DEVELOPER, 'code-sentinel': REVIEWER}, config: {test: 'test ! -e "$D/never"'}});
	const {store} = room;
	await room.must({type: 'add-task', title: 'One', id: 'one', paths: ['src/**']});
	await room.when('it has written', () => room.has('wrote'));
	const early = await store.look('patch', 'one');
	expect(early).toMatchObject({of: 'worktree', total: 2, added: 2, commits: [{subject: 'first step'}]});
	expect(early?.files.map(({path, status}) => `${status} ${path}`)).toEqual(['added open.txt', 'added src/a.txt']);
	expect(await store.look('facts', 'one')).toMatchObject({files: 1, behind: 0, conflicts: [], outside: []});
	expect(await explained(room)).toMatchObject({verdict: 'NOT YET', reason: expect.stringContaining('dev-1 works on it')});

	// While somebody writes it is a message, in the pane and in the mail.
	expect(await room.ask({type: 'comment', task: 'one', file: 'src/a.txt', line: 1, severity: 'nit', text: 'rather 1'})).toEqual({
		ok: true,
		text: 'comment saved and sent to dev-1',
	});
	await room.when('its mail is in the record', () =>
		room.events.some(({type, agent, text}) => type === 'mail_sent' && agent === DEV_1 && text.includes('src/a.txt:1: nit: rather 1')),
	);

	room.touch('go');
	await room.when('it is reviewed', () => room.task('one').stage === 'review' && room.task('one').state === 'leased');
	// The worktree is looked at until its folder is given back, a moment after the task was handed on.
	await room.when('it is looked at as it was handed in', async () => (await store.look('patch', 'one'))?.of === 'branch');
	expect(await store.look('patch', 'one')).toMatchObject({of: 'branch', total: 2});
	expect(await store.look('patch', 'one')).toBe(await store.look('patch', 'one'));
	expect(await store.look('facts', 'one')).toMatchObject({files: 2, outside: ['open.txt']});
	expect(await explained(room)).toMatchObject({
		verdict: 'NOT YET',
		checks: expect.arrayContaining([expect.objectContaining({name: 'scope', state: 'warn'})]),
	});
	expect(await room.ask({type: 'merge-task', task: 'one'})).toMatchObject({ok: false, code: 'early'});
	const {token} = room.task('one');
	expect(await room.ask({type: 'comment', task: 'one', file: 'open.txt', line: 1, severity: 'must-fix', text: 'belongs into src'})).toEqual(
		{
			ok: true,
			text: 'one is back in develop with your comment',
		},
	);
	await room.when('it was handed in again', () => room.task('one').stage === 'review' && room.task('one').token !== token);
	expect(room.read('brief')).toContain('open.txt:1: must-fix: belongs into src');
	expect(room.read('brief')).toContain('src/a.txt:1: nit: rather 1');
	expect((await store.whole('one'))?.comments).toMatchObject([{severity: 'nit'}, {severity: 'must-fix', file: 'open.txt'}]);

	room.touch('approve');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(await store.look('patch', 'one')).toMatchObject({of: 'merged', total: 2, commit: room.task('one').mergedCommit});
	expect(await explained(room)).toMatchObject({verdict: 'MERGED'});
	const record = await store.look('record', 'one');
	expect(record?.events.map(({type}) => type)).toEqual(
		expect.arrayContaining(['task_submitted', 'task_claimed', 'task_commented', 'task_merged']),
	);
	expect(await room.ask({type: 'comment', task: 'one', file: '', line: 0, severity: 'nit', text: 'late'})).toMatchObject({
		ok: false,
		code: 'gone',
	});
	expect(await store.look('patch', 'nobody')).toBeUndefined();

	// Each of its logs by its stage or its name, and an idle agent's last one, also in the room's next life.
	const names = expect.arrayContaining([expect.stringMatching(/^develop-\d+$/), expect.stringMatching(/^review-\d+$/)]);
	const named = (await store.look('log', 'one review'))?.name ?? '';
	expect(named).toMatch(/^review-\d+$/);
	for (const stage of ['review', named])
		expect((await room.call({op: 'logs', id: 'one', stage})).data).toMatchObject({
			names,
			file: expect.stringContaining(`one-${named}.log`),
		});
	expect(await room.call({op: 'logs', id: 'one', stage: 'audit'})).toMatchObject({ok: false, hint: expect.stringContaining(named)});
	await room.room.stop('over');
	const next = await openEngine({again: room, agents: {developer: DEVELOPER, 'code-sentinel': REVIEWER}});
	expect((await next.call({op: 'logs', id: 'rev-1'})).data).toMatchObject({file: expect.stringContaining(`one-${named}.log`)});
});
