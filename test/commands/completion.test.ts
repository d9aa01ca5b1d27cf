import {execFileSync} from 'node:child_process';
import {describe, expect, test} from 'vitest';
import {completion, namesFor} from '../../source/commands/completion.ts';
import {COMMANDS} from '../../source/commands/table.ts';
import {linesOf} from '../helpers/command.ts';
import {cleanEnvironment} from '../helpers/program.ts';

const scriptOf = async (shell: string): Promise<string> =>
	(await linesOf(completion, {command: 'completion', input: [shell], flags: {}})).join('\n');

describe('completion', () => {
	test('in bash knows commands, flags and what an argument may be, and never asks behind a flag that takes a value', async () => {
		const script = await scriptOf('bash');
		/** What bash offers behind these words, of which the last is being typed. */
		const offered = (words: readonly string[]): readonly string[] => {
			const asked = `${script}\nagent-room() { echo dev-1 t-7; }\nCOMP_WORDS=(agent-room "$@"); COMP_CWORD=$#; _agent_room; echo "\${COMPREPLY[*]}"`;
			return execFileSync('bash', ['--norc', '-c', asked, 'bash', ...words], {encoding: 'utf8', env: cleanEnvironment({})})
				.trim()
				.split(' ');
		};
		expect(offered(['paus'])).toEqual(['pause']);
		expect(offered(['add', '--pr'])).toEqual(['--priority']);
		expect(offered(['--repo', '/x', 'stat'])).toEqual(['status']);
		expect(offered(['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
		expect(offered(['pause', ''])).toEqual(['dev-1', 't-7']);
		expect(offered(['add', '--description', ''])).toEqual(['']);
		expect(offered(['status', '--js'])).toEqual(['--json']);
	});

	test('in zsh and fish has every command with its words, quoted', async () => {
		const [zsh, fish] = [await scriptOf('zsh'), await scriptOf('fish')];
		for (const {name, summary} of COMMANDS.filter(row => row.name !== '')) {
			expect(zsh).toContain(`'${name}:${summary.replaceAll("'", "'\\''")}'`);
			expect(fish).toContain(` -a ${name} -d '${summary.replaceAll("'", "\\'")}'`);
		}
	});

	test('lets nothing but plain names reach a shell', () => {
		const tasks = ['t-1', '$(touch x)', '`x`', '-rf', 'a b', 'log.in_2', ''].map(id => ({id}));
		expect(namesFor(['agents', 'tasks'], {agents: [{id: 'agent:dev:001'}], tasks})).toEqual(['dev-1', 't-1', 'log.in_2']);
	});

	test('refuses a shell that it does not know', async () => {
		await expect(scriptOf('zhs')).rejects.toMatchObject({message: 'Unknown shell `zhs`.', hint: 'Did you mean `zsh`?'});
		await expect(scriptOf('')).rejects.toMatchObject({message: 'Missing shell.'});
	});
});
