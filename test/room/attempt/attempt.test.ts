import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRunning, temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

describe('attempts', () => {
	test('that always fail end in a dead letter with reason and last lines; what waits for it says so; requeue gives it new ones', async () => {
		const developer = `${WRITES}\n[ -e "$D/mended" ] || { echo "line one"; echo "no quota left"; exit 1; }`;
		const room = await openEngine({agents: {developer: [developer, developer], 'code-sentinel': APPROVES}, config: {attempts: 2}});
		await room.must({type: 'add-task', title: 'one', id: 't-1'});
		await room.must({type: 'add-task', title: 'two', id: 't-2', after: ['t-1']});
		await room.when('it is dead', () => room.task('t-1').state === 'failed');
		expect(room.task('t-1')).toMatchObject({failures: 2, attempt: 2, reason: 'exit 1: no quota left', owner: '', token: ''});
		expect(room.task('t-1').last).toMatch(/line one\n+no quota left/);
		expect(await room.call({op: 'explain', id: 't-1'})).toMatchObject({
			data: {why: 'failed after 2 of 2 attempts: exit 1: no quota left', moves: expect.stringContaining('retry t-1')},
		});
		expect(await room.call({op: 'logs', id: 't-1'})).toMatchObject({
			data: {lines: ['line one', 'no quota left'], file: expect.stringMatching(/t-1-develop-\d+\.log$/)},
		});
		expect(await room.call({op: 'logs', id: 't-2'})).toMatchObject({ok: false, code: 'gone'});
		expect(await room.call({op: 'explain', id: 't-2'})).toMatchObject({data: {why: 'waits for t-1, which has failed'}});
		expect(await room.ask({type: 'reassign-task', task: 't-1'})).toMatchObject({ok: false, code: 'gone'});
		expect(await room.ask({type: 'retry-task', task: 't-2'})).toMatchObject({ok: false, code: 'gone'});
		room.touch('mended');
		await room.must({type: 'retry-task', task: 't-1'});
		await room.when('both are merged', () => room.task('t-2').state === 'merged');
		expect(room.task('t-1')).toMatchObject({state: 'merged', failures: 0});
		expect(room.mergedCommit()).toEqual(['t-2', 't-1']);
	});

	test('that take too long are ended, whole tree, and counted', async () => {
		const developer = `sleep 60 &\necho $! >"$D/child"\n${WAITS}`;
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}, config: {attempts: 1, timeout: '1s', sandbox: 'off'}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.atWork('one', 1);
		const child = Number(room.read('child'));
		expect(isRunning(child)).toBe(true);
		await room.when('it is dead', () => room.task('one').state === 'failed');
		expect(room.task('one').reason).toMatch(/^took longer than the timeout of /);
		expect(isRunning(child)).toBe(false);
		await room.when('its agent is free', () => room.agent(DEV_1).status === 'idle');
	});

	test('without any output are shown as stalled, and as working once they move again', async () => {
		const developer = `${WAITS}\necho moving\nwhile [ ! -e "$D/end" ]; do echo tick; sleep 0.1; done\n${WRITES}`;
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}, config: {stallTimeout: '700ms'}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is stalled', () => room.agent(DEV_1).status === 'stalled');
		expect(room.agent(DEV_1)).toMatchObject({reason: 'no output', task: 'one'});
		room.touch('go-one');
		await room.when('it works again', () => room.agent(DEV_1).status === 'working');
		room.touch('end');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.agent(DEV_1)).toMatchObject({status: 'idle', task: ''});
	});

	test('that end well without a change, or without a verdict, are never handed in', async () => {
		const room = await openEngine({
			agents: {developer: `[ "$AGENT_ROOM_TASK" = idle ] || ${WRITES}`, 'code-sentinel': 'echo looks fine'},
			config: {attempts: 1},
		});
		await room.must({type: 'add-task', title: 'idle', id: 'idle'});
		await room.must({type: 'add-task', title: 'silent', id: 'silent'});
		await room.when('both are dead', () => ['idle', 'silent'].every(id => room.task(id).state === 'failed'));
		expect(room.task('idle').reason).toBe('ended normally but changed nothing');
		expect(room.task('silent').reason).toBe('the reviewer ended without a verdict');
		expect(room.mergedCommit()).toEqual([]);
	});

	test('on a branch that was reset beneath them are refused, and the next one starts from what was there before', async () => {
		const developer = [
			'if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then',
			'git checkout --quiet --orphan x && git -c user.name=a -c user.email=a@b commit --quiet -m orphan && git branch -f "$AGENT_ROOM_BRANCH" x 2>/dev/null',
			'git update-ref "refs/heads/$AGENT_ROOM_BRANCH" HEAD; git symbolic-ref HEAD "refs/heads/$AGENT_ROOM_BRANCH"; exit 0; fi',
			WRITES,
		].join('\n');
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}});
		const begin = room.repository.head();
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({failures: 1, attempt: 2, base: begin});
		expect(room.events.some(event => event.text === 'its branch no longer contains its start commit')).toBe(true);
	});

	test('whose place cannot be made cost nothing and leave nothing behind', async () => {
		const folder = temporaryFolder('m');
		const room = await openEngine({
			agents: {developer: [WRITES, WRITES], 'code-sentinel': APPROVES},
			config: {
				writable: [folder],
				setup: `[ -e '${folder}/mended' ] || { echo half >half.txt; echo "no registry" >&2; exit 1; }; env >'${folder}/env'`,
			},
		});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		const resting = () => new Set(room.events.filter(event => event.text.startsWith('crashed: ')).map(event => event.agent)).size;
		await room.when('both agents have rested', () => resting() === 2);
		await room.when('it waits', () => room.task('one').state === 'ready');
		expect(room.task('one')).toMatchObject({failures: 0, reason: expect.stringContaining('no registry')});
		expect(room.worktrees()).toEqual([]);
		expect(room.kept('for-each-ref', 'refs/agent-room/attempts')).toBe('');
		writeFileSync(join(folder, 'mended'), '');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(readFileSync(join(folder, 'env'), 'utf8')).not.toMatch(/redis|TOKEN|SOCKET/i);
		expect(readdirSync(folder).toSorted()).toEqual(['env', 'mended']);
	});
});
