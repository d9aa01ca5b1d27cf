import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {CommandError} from '../../../source/commands/parse/command.ts';
import {readFlags} from '../../../source/commands/parse/meow.ts';
import {readCommandLine, readPlainFlags} from '../../../source/commands/parse/parse.ts';
import {COMMANDS} from '../../../source/commands/table.ts';
import {cleanEnvironment, type Ended, node, root, startProgram} from '../../helpers/program.ts';
import {binFile} from '../../helpers/room.ts';
import {listenAsRoom} from '../../helpers/room-socket.ts';

const LIGHT = join(root, 'dist', 'report.js');
const WHOLE = binFile;

test('the small program for reports says and sends what the whole command line does', async () => {
	const room = await listenAsRoom(({kind}) => {
		if (kind === 'ask') return {ok: true, code: 'ok', data: {choice: 2, text: 'date'}};
		if (kind === 'inbox') return {ok: true, code: 'ok', message: 'dev-2: hello\u001b[31m', data: {mails: []}};
		if (kind === 'blocked') return {ok: false, code: 'stale', message: 'This task was taken over.'};
		return kind === 'unlock' ? {ok: false, code: 'gone', message: 'Unknown lock `a`.', hint: 'Look.'} : {ok: true, code: 'ok'};
	});
	const env = cleanEnvironment({
		AGENT_ROOM_SOCKET: room.path,
		AGENT_ROOM_AGENT: 'agent:dev:001',
		AGENT_ROOM_TASK: 't-1',
		AGENT_ROOM_TOKEN: '3:x',
	});
	const call = (program: string, args: readonly string[]): Promise<Ended> =>
		startProgram([node, program, 'report', ...args], {env, input: 'a.ts:1: nit: name'}).ended;
	for (const args of [
		['done', '--verdict', 'changes', '--comments', '-'],
		['done', '--verdict', 'maybe'],
		['progress', '- half done', '--json'],
		['ask', 'Which?', '--choice', 'title', '--choice=date'],
		['inbox'],
		['inbox', '--json'],
		['blocked', 'no'],
		['blocked', 'no', '--json'],
		['unlock', 'a'],
		['lock', 'src/**', '--wait', 'soon'],
		['cost', '--usd', '0.12', '--in', '9', '--out', 'many'],
		['nonsense'],
		['done', '--verdikt', 'approve'],
		[],
		['--help'],
		['--version'],
	]) {
		const sent = room.requests.length;
		const [light, whole] = [await call(LIGHT, args), await call(WHOLE, args)];
		expect(light, args.join(' ')).toEqual(whole);
		const [one, other] = room.requests.slice(sent);
		expect(one).toEqual(other);
	}
	expect(room.requests.map(({kind}) => kind)).toEqual(
		['done', 'progress', 'ask', 'inbox', 'inbox', 'blocked', 'blocked', 'unlock'].flatMap(kind => [kind, kind]),
	);
});

test('flags are read without a library as they are with it', () => {
	const words = fc.constantFrom(
		'--verdict',
		'approve',
		'--choice=a',
		'--choice',
		'a=b',
		'--json',
		'--usd=0.1',
		'--priority',
		'50',
		'--priority=x',
		'--',
		'text',
		'- text',
		'--help',
		'',
	);
	const outcome = (read: () => unknown): unknown => {
		try {
			return read();
		} catch (error) {
			if (error instanceof CommandError) return [error.message, error.hint];
			throw error;
		}
	};
	fc.assert(
		fc.property(fc.constantFrom('report', 'add', 'demo'), fc.array(words, {maxLength: 7}), (command, args) => {
			const argv = [command, ...args];
			expect(outcome(() => readCommandLine(argv, COMMANDS, readPlainFlags))).toEqual(
				outcome(() => readCommandLine(argv, COMMANDS, readFlags)),
			);
		}),
		{numRuns: 300},
	);
});
