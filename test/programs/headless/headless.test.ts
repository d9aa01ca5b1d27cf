import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Reading} from '../../../source/core/session/reading.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {cleanEnvironment, node, root, startProgram} from '../../helpers/program.ts';
import {listenAsRoom, type RoomSocket} from '../../helpers/room-socket.ts';
import {until} from '../../helpers/wait.ts';

const PROGRAM = join(root, 'dist', 'program.js');
const line = (value: object): string => `echo '${JSON.stringify(value)}'`;
const message = (text: string): string => line({type: 'item.completed', item: {type: 'agent_message', text}});

/** Runs a shell script as if it were a headless Codex, for a room that says yes to everything. */
const run = async (script: string, stage = 'develop') => {
	const room = await listenAsRoom(() => ({ok: true, code: 'ok'}));
	const folder = temporaryFolder('hl');
	writeFileSync(join(folder, 'cli.sh'), script);
	const environment = cleanEnvironment({
		AGENT_ROOM_SOCKET: room.path,
		AGENT_ROOM_AGENT: 'agent:dev:001',
		AGENT_ROOM_TASK: 't-1',
		AGENT_ROOM_TOKEN: '1:x',
		AGENT_ROOM_STAGE: stage,
	});
	const started = startProgram([node, PROGRAM, 'headless', 'codex', '--', 'sh', join(folder, 'cli.sh')], {env: environment, cwd: folder});
	return {room, started};
};

const readingsOf = ({requests}: RoomSocket): readonly Reading[] =>
	requests.flatMap(request => (request.kind === 'session' ? request.readings : []));

test('what a CLI says is printed for people, without its escape sequences, and told the room; its exit code is its own', async () => {
	const {room, started} = await run(`${line({type: 'thread.started', thread_id: 'th-1'})}
${message('I \u001b]0;title\u0007work')}
echo no json; echo trouble >&2; exit 3`);
	const {code, stdout} = await started.ended;
	expect(code).toBe(3);
	expect(stdout).toContain('I work');
	expect(stdout).toContain('no json');
	expect(stdout).toContain('trouble');
	expect(stdout).not.toContain('\u001b');
	expect(readingsOf(room)).toEqual(
		expect.arrayContaining([expect.objectContaining({session: 'th-1'}), expect.objectContaining({source: 'stream'})]),
	);
	expect(room.requests.every(({kind}) => kind === 'session')).toBe(true);
});

test('a structured answer is handed in as the verdict, after all that was told before', async () => {
	const answer = {verdict: 'changes', summary: 'No.', comments: [{file: 'a', line: 1, severity: 'must-fix', text: 'wrong'}]};
	const {room, started} = await run(message(JSON.stringify(answer)), 'review');
	expect((await started.ended).code).toBe(0);
	expect(room.requests.at(-1)).toMatchObject({kind: 'done', verdict: 'changes'});
});

test('its input is closed, and a signal reaches it: it dies of the same one', async () => {
	const {started} = await run('cat; echo at-work; exec sleep 60');
	await until(() => started.output().includes('at-work'));
	process.kill(started.pid, 'SIGTERM');
	expect(await started.ended).toMatchObject({signal: 'SIGTERM'});
});

test('what it leaves behind does not keep it from its end', async () => {
	const {started} = await run('sleep 4 & exit 0');
	expect((await started.ended).code).toBe(0);
});

test('a program that cannot be started says so', async () => {
	const started = startProgram([node, PROGRAM, 'headless', 'codex', '--', '/not/there'], {env: cleanEnvironment(), cwd: root});
	expect(await started.ended).toMatchObject({code: 127, stdout: expect.stringContaining('/not/there could not be started')});
});
