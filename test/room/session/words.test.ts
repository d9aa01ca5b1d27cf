import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {sessionSchema, sessionWords} from '../../../source/core/session/words.ts';
import {DEV_1} from '../../helpers/engine.ts';
import {openFakeCli} from '../../helpers/fake-cli.ts';
import {root} from '../../helpers/program.ts';

const SCREENS = join(root, 'test', 'fixtures', 'clis', 'gemini', 'screens');
const shown = (name: string): string => `printf '\\033[2J\\033[H'; cat '${join(SCREENS, name)}'\n`;
const notification = (command: string): string =>
	`hook Notification '${JSON.stringify({
		session_id: 's-1',
		hook_event_name: 'Notification',
		notification_type: 'ToolPermission',
		details: {type: 'exec', title: 'Confirm Shell Command', command},
	})}'\n`;
const hook = (event: string, more: object = {}): string =>
	`hook ${event} '${JSON.stringify({session_id: 's-1', hook_event_name: event, ...more})}'\n`;

const WORKS = `stty -icanon -echo
${hook('SessionStart')}${hook('BeforeAgent', {prompt: 'do it'})}`;
/** Reads one key. */
const KEY = 'dd bs=1 count=1 2>/dev/null';
const DONE = 'echo done >"$AGENT_ROOM_TASK.txt"\nagent-room report done\n';

const add = {type: 'add-task', title: 'One', id: 'one'} as const;
const textIn = (folder: string, name: string): string => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
const touch = (folder: string, name: string): void => writeFileSync(join(folder, name), '');
/** As the fixture shows it. */
const COMMAND = /^.*\?\s+Shell\s+(.*?)\s*│?$/m.exec(readFileSync(join(SCREENS, 'permission-shell.txt'), 'utf8'))?.[1] ?? '';

describe('a dialog that no hook decides', () => {
	test('is on the card, and the digit types its key once it is drawn', async () => {
		const room = await openFakeCli(
			`${WORKS}${notification(COMMAND)}await draw\n${shown('permission-shell.txt')}${KEY} >"$D/key"\n${shown('working.txt')}${DONE}`,
			{
				cli: 'gemini',
			},
		);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		expect(room.agent(DEV_1)).toMatchObject({question: `Shell: ${COMMAND}`, detail: COMMAND, evidence: 'hook Notification'});
		const answered = room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 1});
		touch(room.scratch, 'draw');
		await answered;
		await room.when('the key was typed', () => textIn(room.scratch, 'key') !== '');
		expect(textIn(room.scratch, 'key')).toBe('1');
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});

	test('that is not on the screen any more gets no key, and the person is told that the answer was lost', async () => {
		const room = await openFakeCli(`${WORKS}${notification(COMMAND)}${shown('working.txt')}${KEY} >"$D/key"; await never`, {cli: 'gemini'});
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		expect(await room.ask({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 1})).toMatchObject({
			ok: false,
			code: 'lost',
		});
		expect(textIn(room.scratch, 'key')).toBe('');
	});

	test('that asks something else than the hook told takes its place on the card', async () => {
		const room = await openFakeCli(
			`${WORKS}${notification('rm -rf elsewhere')}${shown('permission-edit.txt')}${KEY} >"$D/key"; await never`,
			{
				cli: 'gemini',
			},
		);
		await room.must(add);
		await room.when('the one that keys answer is asked', () => room.agent(DEV_1).question.startsWith('Write: '));
		const {questionId} = room.agent(DEV_1);
		await room.must({type: 'answer', agent: 'dev-1', questionId, choice: 1});
		await room.when('the key was typed', () => textIn(room.scratch, 'key') !== '');
	});

	test('that a person answers in the pane leaves the card, and the agent works', async () => {
		const room = await openFakeCli(
			`${WORKS}${notification(COMMAND)}${shown('permission-shell.txt')}await answered\n${shown('working.txt')}title '✦  Working… (x)'\nawait go\n${DONE}`,
			{cli: 'gemini'},
		);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		await room.when('its dialog was seen', async () => (await explained(room)).signs.some(({source}) => source === 'screen'));
		touch(room.scratch, 'answered');
		await room.when('it works', () => room.agent(DEV_1).status === 'working');
		expect(room.agent(DEV_1)).toMatchObject({question: '', questionId: ''});
		touch(room.scratch, 'go');
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});

	test('stands there without any hook: the screen asks', async () => {
		const room = await openFakeCli(`stty -icanon -echo\n${shown('permission-shell.txt')}${KEY} >"$D/key"\n${shown('working.txt')}${DONE}`, {
			cli: 'gemini',
		});
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		expect(room.agent(DEV_1).evidence).toBe('screen dialog');
		await room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 3});
		await room.when('the key was typed', () => textIn(room.scratch, 'key') !== '');
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});
});

const explained = async (room: Awaited<ReturnType<typeof openFakeCli>>) => {
	const {data} = await room.call({op: 'explain', id: 'dev-1'});
	return sessionSchema.parse((data as {session: unknown}).session);
};

test('explain tells which sign decided, and the last of each source with its age', async () => {
	const room = await openFakeCli(`${WORKS}${shown('working.txt')}title '✦  Working… (x)'\nawait go\n${DONE}`, {cli: 'gemini'});
	await room.must(add);
	await room.when('screen and title were seen', async () => {
		if (!room.events.some(({type}) => type === 'task_claimed') || room.agent(DEV_1).doing === undefined) return false;
		const {data} = await room.call({op: 'explain', id: 'dev-1'});
		const parsed = sessionSchema.safeParse((data as {session?: unknown} | undefined)?.session);
		return parsed.success && new Set(parsed.data.signs.map(({source}) => source)).size === 3;
	});
	expect(await room.call({op: 'explain', id: 'dev-1'})).toMatchObject({data: {slot: 'running task one'}});
	const session = await explained(room);
	expect(session).toMatchObject({
		cli: 'gemini',
		mode: 'interactive',
		state: 'working',
		source: 'hook',
		evidence: 'hook BeforeAgent',
		id: 's-1',
		prompts: 1,
	});
	const words = new Map(sessionWords(session));
	expect(words.get('program')).toMatch(/^gemini, interactive: working for \d+s$/);
	expect(words.get('decided by')).toBe('hook BeforeAgent (hook)');
	expect(words.get('hook')).toMatch(/^hook BeforeAgent \d+s ago, hook SessionStart \d+s ago$/);
	expect(words.get('screen')).toMatch(/^screen esc to cancel \d+s ago/);
	expect(words.get('notice')).toMatch(/^title Working… \d+s ago$/);
	touch(room.scratch, 'go');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(await room.call({op: 'explain', id: 'dev-1'})).toMatchObject({
		data: {evidence: 'it has no process in this room', slot: 'waiting in Redis for a task'},
	});
});
