import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Ended, node, type Running, root, startProgram} from '../helpers/program.ts';
import {listenAsRoom} from '../helpers/room-socket.ts';
import {until} from '../helpers/wait.ts';

const start = (args: readonly string[], input: string, environment: NodeJS.ProcessEnv): Running =>
	startProgram([node, join(root, 'source', 'entries', 'hook.ts'), ...args], {env: {PATH: process.env.PATH ?? '', ...environment}, input});

const identity = (path: string): NodeJS.ProcessEnv => ({
	AGENT_ROOM_SOCKET: path,
	AGENT_ROOM_AGENT: 'agent:dev:001',
	AGENT_ROOM_TASK: 't-1',
	AGENT_ROOM_TOKEN: '7:x',
});

const SILENT: Partial<Ended> = {code: 0, stdout: '', stderr: ''};

test('a hook passes its event and its payload on under the token of the attempt, and prints what the room answers', async () => {
	const output = '{"decision":"block","reason":"go on"}';
	const room = await listenAsRoom(() => ({ok: true, code: 'ok', data: {output}}));
	const payload = JSON.stringify({hook_event_name: 'Stop', last_assistant_message: 'Done – ✓\n'});
	expect(await start(['Stop'], payload, identity(room.path)).ended).toMatchObject({...SILENT, stdout: output});
	expect(room.requests).toEqual([{op: 'report', kind: 'hook', agent: 'agent:dev:001', task: 't-1', token: '7:x', event: 'Stop', payload}]);
});

test('a hook whose program gives the payload as an argument does not wait for an input', async () => {
	const room = await listenAsRoom(() => ({ok: true, code: 'ok', data: {output: ''}}));
	const running = startProgram([node, join(root, 'source', 'entries', 'hook.ts'), 'notify', '{"type":"agent-turn-complete"}'], {
		env: {PATH: process.env.PATH ?? '', ...identity(room.path)},
	});
	expect(await running.ended).toMatchObject(SILENT);
	expect(room.requests).toMatchObject([{event: 'notify', payload: '{"type":"agent-turn-complete"}'}]);
});

test('a superseded agent gets the word that stops its program, from a refusal too', async () => {
	const room = await listenAsRoom(() => ({ok: false, code: 'stale', data: {output: '{"continue":false}'}}));
	expect(await start(['PreToolUse'], '{}', identity(room.path)).ended).toMatchObject({...SILENT, stdout: '{"continue":false}'});
});

test('without a room, or outside of one, a hook is silent and never fails the program that runs it', async () => {
	const gone = identity(join(import.meta.dirname, 'no-such-socket'));
	for (const environment of [gone, {}]) expect(await start(['Stop'], '{}', environment).ended).toMatchObject(SILENT);
	const mute = await listenAsRoom((_, reply) => void reply({ok: true, code: 'ok', data: 'nonsense'}));
	expect(await start(['Stop'], 'no JSON', identity(mute.path)).ended).toMatchObject(SILENT);
});

test('a payload that is far too long arrives as JSON with its fields, and the rest cut', async () => {
	const room = await listenAsRoom(() => ({ok: true, code: 'ok', data: {output: ''}}));
	const payload = {hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_response: {stdout: 'x'.repeat(3_000_000)}, session_id: 's'};
	expect(await start(['PostToolUse'], JSON.stringify(payload), identity(room.path)).ended).toMatchObject(SILENT);
	const [sent] = room.requests;
	const text = sent?.kind === 'hook' ? sent.payload : '';
	expect(text.length).toBeLessThan(10_000);
	expect(JSON.parse(text)).toMatchObject({hook_event_name: 'PostToolUse', tool_name: 'Bash', session_id: 's'});
});

test('a permission waits as long as the person does; the program that kills its hook withdraws it', async () => {
	const room = await listenAsRoom(() => undefined);
	const running = start(['PermissionRequest'], '{}', identity(room.path));
	await until(() => room.requests.length === 1, {what: 'the question at the room'});
	running.child.kill('SIGKILL');
	await until(() => room.hungUp() === 1, {what: 'the question withdrawn'});
	expect((await running.ended).signal).toBe('SIGKILL');
});
