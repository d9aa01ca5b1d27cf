import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import type {Note} from '../../../source/core/event/event.ts';
import type {Reading} from '../../../source/core/session/reading.ts';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import {endTree} from '../../../source/os/process-tree.ts';
import type {Attempt} from '../../../source/room/parts/attempt.ts';
import {type LiveSession, newDeliveryState, toldFolder} from '../../../source/room/parts/attempt.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {handOverText} from '../../../source/room/session/prompt.ts';
import {createLiveSession} from '../../../source/room/session/session.ts';
import {createPane, type Pane} from '../../../source/room/team/pane.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {until} from '../../helpers/wait.ts';

const hook = (sign: string, state: Reading['state']): Reading => ({source: 'hook', sign: `hook ${sign}`, ...(state ? {state} : {})});
const TAKEN: Reading = {...hook('UserPromptSubmit', 'working'), isPromptTaken: true};

let folder: string;
let pane: Pane;
let live: LiveSession;
let attempt: Attempt;
let notes: Note[];
let room: Room;
const arrived = (): string => (existsSync(join(folder, 'typed')) ? readFileSync(join(folder, 'typed'), 'utf8') : '');
/** The input of the program on its screen, with this in it. */
const draw = (input: string): void => pane.screen.write(`\u001b[2J\u001b[H› ${input}`);
const hand = (text: string) => handOverText(room, attempt, {text, what: 'reply'});

/** A real pane whose program keeps every byte that is typed; what it says of itself is what a test gives its session. */
beforeEach(async () => {
	folder = temporaryFolder('o');
	mkdirSync(toldFolder(folder), {recursive: true});
	pane = createPane('agent:dev:001', () => undefined);
	const marker = ['AGENT_ROOM_RUN', folder] as const;
	const process_ = pane.start({
		command: ['sh', '-c', 'stty raw -echo; echo ready; exec cat >typed'],
		cwd: folder,
		env: {PATH: process.env.PATH ?? ''},
		marker,
		onOutput: () => undefined,
		cli: 'interactive',
	});
	onTestFinished(async () => {
		await endTree(process_, marker, {graceMs: 0});
		live.close();
		pane.dispose();
	});
	live = createLiveSession({cli: codex, mode: 'interactive'});
	notes = [];
	attempt = {
		agent: {id: 'agent:dev:001'},
		task: {id: 't-1'},
		delivery: newDeliveryState(),
		session: live,
		launched: {cli: codex, folder},
		isPaused: false,
		isEnding: false,
	} as unknown as Attempt;
	room = {
		slots: {pane: () => pane},
		link: {
			retryUntilWritten: (write: () => Promise<unknown>) => write(),
			coordination: {appendEvent: async (note: Note) => void notes.push(note)},
		},
		facts: {log: () => undefined},
	} as unknown as Room;
	await until(() => pane.screen.tail(1)[0] === 'ready');
	live.take([hook('Stop', 'idle')]);
	draw('');
});

describe('a text that is handed over', () => {
	test('is pasted with its Enter, proved by the hook, and kept with the attempt and in the record', async () => {
		const handed = hand('one\ntwo');
		await until(() => arrived().endsWith('\r'));
		live.take([TAKEN]);
		expect(await handed).toMatchObject({outcome: 'proved', by: 'hook UserPromptSubmit', what: 'reply'});
		expect(arrived()).toBe('\u001b[200~one\ntwo\u001b[201~\r');
		expect(attempt.delivery.receipts).toHaveLength(1);
		expect(notes).toEqual([{type: 'prompt_proved', task: 't-1', agent: 'agent:dev:001', text: 'reply: hook UserPromptSubmit'}]);
	});

	test('is unknown where nothing says that it arrived; only one that still stands in the input gets a second Enter', async () => {
		const first = await hand('one');
		expect(first.outcome).toBe('unknown');
		expect(arrived()).toBe('\u001b[200~one\u001b[201~\r');
		const second = hand('two');
		await until(() => arrived().endsWith('two\u001b[201~'));
		draw('two');
		expect((await second).outcome).toBe('unknown');
		expect(arrived().slice(-2)).toBe('\r\r');
	});

	test('is never typed into a dialog', async () => {
		live.take([{...hook('PermissionRequest', 'needs-input'), question: {kind: 'permission', text: 'May it?', detail: '', choices: []}}]);
		expect(await hand('1')).toMatchObject({outcome: 'rejected', by: expect.stringContaining('needs input')});
		expect(arrived()).toBe('');
	});

	test('gets no Enter where a dialog came up meanwhile', async () => {
		const handed = hand('one');
		await until(() => arrived().endsWith('\u001b[201~'));
		live.hold('q', {kind: 'permission', text: 'May it?', detail: '', choices: []}, 'hook PermissionRequest');
		expect((await handed).outcome).toBe('unknown');
		expect(arrived()).not.toContain('\r');
	});

	test('waits while a person types into the pane', async () => {
		pane.handle.write(Buffer.from('x'));
		const handed = hand('one');
		const typing = setInterval(() => pane.handle.write(Buffer.from('x')), 200);
		await until(() => arrived().length > 6);
		expect(arrived()).toMatch(/^x+$/);
		clearInterval(typing);
		await until(() => arrived().endsWith('\r'));
		live.take([TAKEN]);
		expect((await handed).outcome).toBe('proved');
	});

	test('does not throw away what a person has begun in the input', async () => {
		pane.handle.write(Buffer.from('my own'));
		draw('my own');
		expect(await hand('one')).toMatchObject({outcome: 'rejected', by: 'its input holds unsent text'});
		expect(arrived()).toBe('my own');
	});

	test('finds the input empty: what an interrupt left there is cleared by the key of the CLI', async () => {
		draw('an earlier prompt');
		const handed = hand('one');
		await until(() => arrived().endsWith('\r'));
		live.take([TAKEN]);
		await handed;
		expect(arrived()).toBe('\u0003\u001b[200~one\u001b[201~\r');
	});

	test('waits for the one before it', async () => {
		const both = [hand('one'), hand('two')];
		for (const expected of ['one', 'two']) {
			await until(() => arrived().endsWith(`${expected}\u001b[201~\r`));
			live.take([TAKEN]);
			await until(() => attempt.delivery.receipts.length > (expected === 'one' ? 0 : 1));
			live.take([hook('Stop', 'idle')]);
		}
		expect((await Promise.all(both)).map(({outcome}) => outcome)).toEqual(['proved', 'proved']);
	});

	test('goes through a file where it is long', async () => {
		const long = 'much to say\n'.repeat(2000);
		const handed = hand(long);
		await until(() => arrived().endsWith('\r'));
		live.take([TAKEN]);
		await handed;
		const [, file = ''] = /Read the file (\S+) and do what it says\./.exec(arrived()) ?? [];
		expect(readFileSync(file, 'utf8')).toBe(long);
	});

	test('is rejected by a program that has ended, is paused, or works on', async () => {
		attempt.isPaused = true;
		expect((await hand('one')).by).toBe('it is paused');
		attempt.isPaused = false;
		attempt.isEnding = true;
		expect((await hand('one')).by).toBe('its attempt has ended');
		expect(arrived()).toBe('');
	});
});

test('Ctrl-Z of a person does not reach an agent CLI, and the pane says why; its screen is left as it was', async () => {
	draw('half');
	const cursor = {...pane.screen.cursor};
	pane.handle.write(Buffer.from('a\u001ab'));
	await until(() => arrived() === 'ab');
	expect(pane.screen.textOf(0)).toBe('› half');
	expect(pane.screen.textOf(pane.screen.rows - 1)).toContain('Ctrl-Z is not sent');
	expect(pane.screen.cursor).toEqual(cursor);
});
