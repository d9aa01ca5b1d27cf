import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {foldReading, newSession} from '../../../source/core/session/fold.ts';
import {CLIS} from '../../../source/harnesses/clis.ts';
import {copilot} from '../../../source/harnesses/copilot/copilot.ts';
import {qwen} from '../../../source/harnesses/qwen/qwen.ts';
import type {Cli} from '../../../source/harnesses/shared/cli.ts';
import {launchContext} from '../../helpers/launch.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/clis');
const linesOf = (cli: Cli, name: string) =>
	readFileSync(join(FIXTURES, name), 'utf8')
		.trim()
		.split('\n')
		.map(line => cli.readLine(line));

const context = launchContext({mode: 'headless', allowed: ['npm test']});

describe.each([
	[qwen, 'qwen/stream.jsonl', {tokensIn: 500, tokensOut: 50, isTotal: false}],
	[copilot, 'copilot/stream.jsonl', undefined],
])('a run of $title without a screen', (cli, fixture, usage) => {
	test('is told from its session to its end, with what was refused', () => {
		const lines = linesOf(cli, fixture);
		const session = lines
			.flatMap(({readings}) => readings)
			.reduce((folded, reading, at) => foldReading(folded, reading, at), newSession(0));
		expect(session).toMatchObject({state: 'finished', said: 'ok done', prompts: 1, id: expect.stringMatching(/^[56]1111111-/)});
		expect(session.usage).toEqual(usage && expect.objectContaining(usage));
		const text = lines.map(line => line.text).filter(line => line !== '');
		expect(text).toContainEqual(expect.stringMatching(/^• .*git status$/));
		expect(text).toContainEqual(expect.stringMatching(/^ {2}✗ .*permission/i));
		expect(text.at(-1)).toBe('ok done');
	});

	test('ends with what was not allowed, where its stream tells that', () => {
		const last = linesOf(cli, fixture).at(-1)?.readings[0];
		expect(last?.reason).toBe(cli === qwen ? 'was not allowed: runs rm -rf one' : undefined);
	});

	test('is launched by arguments, with the room’s tools in a file of the session', () => {
		const {command, files} = cli.launch(context);
		expect(command.join(' ')).toMatch(/--session-id=new .*--prompt=Read the file\.$/);
		expect(command.filter(argument => argument.includes('agent-room report'))).toHaveLength(1);
		// Whose rules know beginnings alone is let through nothing but the room's own command.
		expect(command.filter(argument => argument.includes('npm test'))).toEqual(cli === qwen ? [] : ['--allow-tool=shell(npm test)']);
		expect(files.map(({name}) => name)).toEqual(['mcp.json']);
		expect(cli.launch({...context, resume: 'old', permissions: 'full'}).command).toContain('--resume=old');
		expect(cli.launch({...context, writes: false}).command.join(' ')).toMatch(/--(?:exclude-tools=write_file|deny-tool=write)/);
	});
});

test('programs that were never seen at work are shown and not judged', () => {
	const unseen = Object.values(CLIS).filter(({verified}) => verified === '');
	expect(unseen.map(({name}) => name)).toEqual(['amp']);
	for (const cli of unseen) {
		expect(cli.modes).toEqual(['headless']);
		expect(cli.readLine('{"type":"result"}')).toEqual({readings: [], text: '{"type":"result"}'});
		expect(cli.launch(context).command).toContain('Read the file.');
	}
});

test('whatever else comes says nothing, and breaks nothing', () => {
	const content = fc.dictionary(fc.constantFrom('message', 'data', 'usage', 'subtype', 'error', 'result', 'exitCode'), fc.anything());
	const types = fc.constantFrom(
		'system',
		'assistant',
		'user',
		'result',
		'session.error',
		'tool.execution_start',
		'tool.execution_complete',
		'toString',
	);
	fc.assert(
		fc.property(fc.string(), fc.anything(), types, content, (text, value, type, rest) => {
			for (const cli of [qwen, copilot]) {
				expect(cli.readLine(text).readings).toEqual([]);
				expect(cli.readHook('Stop', value)).toEqual([]);
				expect(() => cli.readLine(JSON.stringify({...rest, type}))).not.toThrow();
			}
		}),
	);
});
