import {describe, expect, test} from 'vitest';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import type {LaunchContext} from '../../../source/harnesses/shared/cli.ts';
import {launchContext} from '../../helpers/launch.ts';

const CONTEXT = launchContext({
	prompt: '--not a flag "$(x)"',
	program: ['codex', '--search'],
	folder: '/s',
	told: '/s/told',
	worktree: '/w/re"po\n[x]',
	repository: '/home/shop',
	gitDir: '/w/re"po/.git',
	hook: ['/no de', "/ho'ok.js"],
	mcpEnvironment: {AGENT_ROOM_TOKEN: 'secret', PATH: '/bin'},
});
const commandOf = (overrides: Partial<LaunchContext> = {}): readonly string[] => codex.launch({...CONTEXT, ...overrides}).command;
const settingOf = (command: readonly string[], key: string): string | undefined =>
	command.find((word, index) => command[index - 1] === '-c' && word.startsWith(`${key}=`))?.slice(key.length + 1);

describe('the launch of Codex', () => {
	test('keeps the program, its arguments, and the prompt as they are', () => {
		expect(commandOf().slice(0, 2)).toEqual(['codex', '--search']);
		expect(commandOf().slice(-2)).toEqual(['--', CONTEXT.prompt]);
		expect(commandOf({resume: 'r'}).slice(-3)).toEqual(['--', 'r', CONTEXT.prompt]);
		expect(commandOf({mode: 'headless', resume: 'r'})).toEqual(expect.arrayContaining(['exec', 'resume', '--json']));
		expect(commandOf({mode: 'headless', answerSchema: '{}'})).toEqual(expect.arrayContaining(['--output-schema', '/s/answer-schema.json']));
	});

	test('makes one value of any name, and puts no secret into an argument', () => {
		expect(settingOf(commandOf(), 'projects')).toBe('{"/w/re\\"po\\u000a[x]"={"trust_level"="trusted"}}');
		expect(settingOf(commandOf(), 'hooks.Stop')).toContain(`"'/no de' '/ho'\\\\''ok.js' 'Stop'"`);
		expect(settingOf(commandOf(), 'mcp_servers.agent_room')).toContain('"env_vars"=["AGENT_ROOM_TOKEN","PATH"]');
		expect(commandOf().join(' ')).not.toContain('secret');
		expect(commandOf().join(' ')).not.toContain('bypass');
	});

	test('trusts no folder whose settings would run something', () => {
		expect(settingOf(commandOf({foundSettings: ['.codex']}), 'projects')).toBeUndefined();
	});

	test('gives the rights of the permissions, and those who only read never more than reading', () => {
		const profile = (overrides: Partial<LaunchContext>): string => settingOf(commandOf(overrides), 'permissions.agent-room') ?? '';
		expect(profile({})).toContain('"extends"=":workspace"');
		expect(profile({})).toContain('"/w/re\\"po/.git"="write","/w/re\\"po/.git/hooks"="read","/w/re\\"po/.git/config"="read"');
		for (const overrides of [{permissions: 'ask'}, {writes: false}, {writes: false, permissions: 'full'}] as const) {
			expect(profile(overrides)).toContain('"extends"=":read-only"');
			expect(profile(overrides)).toContain('"/w/re\\"po/.git"="read"');
			expect(commandOf(overrides)).not.toContain('--dangerously-bypass-approvals-and-sandbox');
		}
		expect(commandOf({permissions: 'full'})).toContain('--dangerously-bypass-approvals-and-sandbox');
		expect(settingOf(commandOf(), 'approval_policy')).toBe('"on-request"');
		expect(settingOf(commandOf({mode: 'headless'}), 'approval_policy')).toBe('"never"');
	});
});
