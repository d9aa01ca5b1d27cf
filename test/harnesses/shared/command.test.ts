import {describe, expect, test} from 'vitest';
import {expandCommand} from '../../../source/harnesses/shared/command.ts';
import {scriptedHarness, shellHarness} from '../../../source/harnesses/shared/harness.ts';

const values = {briefFile: '/state/brief.md', worktree: '/state/w', branch: 'agent/t-1-a1', task: 't-1', agent: 'agent:dev:001'};

describe('the command of a harness', () => {
	test('has every placeholder replaced inside its own argument', () => {
		const harness = shellHarness(['./my-agent', '--brief={briefFile}', '{task}:{agent}', '{worktree}', '{branch}']);
		expect(expandCommand(harness, values)).toEqual({
			ok: true,
			command: ['./my-agent', '--brief=/state/brief.md', 't-1:agent:dev:001', '/state/w', 'agent/t-1-a1'],
		});
	});

	test('keeps a hostile value as one argument and does not expand it again', () => {
		const hostile = {...values, task: '; rm -rf / {branch} $(id)'};
		expect(expandCommand(shellHarness(['x', '{task}']), hostile)).toEqual({ok: true, command: ['x', '; rm -rf / {branch} $(id)']});
	});

	test('leaves shell variables, JSON and doubled braces alone', () => {
		const script = ['echo $', '{HOME} {}'].join('');
		const harness = shellHarness(['sh', '-c', script, '{"a": 1}', '{{task}}']);
		expect(expandCommand(harness, values)).toEqual({ok: true, command: ['sh', '-c', script, '{"a": 1}', '{task}']});
	});

	test('with an unknown placeholder is refused, naming the nearest', () => {
		expect(expandCommand(shellHarness(['x', '{breifFile}'], 'mine'), values)).toEqual({
			ok: false,
			message: 'Harness `mine` has an unknown placeholder `{breifFile}`.',
			hint: 'Did you mean `{briefFile}`?',
		});
		expect(expandCommand(shellHarness(['{password}']), values)).toMatchObject({
			ok: false,
			hint: expect.stringContaining('Use one of `{briefFile}`'),
		});
	});

	test('of the scripted agent is the given node and program', () => {
		expect(scriptedHarness({node: '/n', program: '/p.js'})).toEqual({
			name: 'scripted',
			command: ['/n', '/p.js', 'scripted'],
			finish: 'exit',
		});
	});
});
