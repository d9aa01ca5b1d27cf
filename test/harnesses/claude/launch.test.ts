import {spawnSync} from 'node:child_process';
import {describe, expect, test} from 'vitest';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import type {LaunchContext} from '../../../source/harnesses/shared/cli.ts';
import {field, listField, textField} from '../../../source/harnesses/shared/fields.ts';
import {launchContext} from '../../helpers/launch.ts';

const context = launchContext({
	prompt: '--help, and then "begin"',
	newSession: '0b5c1e6e-0000-4000-8000-000000000000',
	program: ['claude', '--model', 'opus'],
	folder: '/state/sessions/one-a1',
	told: '/state/sessions/one-a1/told',
	worktree: '/state/worktrees/one-a1',
	repository: '/home/you/shop',
	gitDir: '/home/you/shop/.git/worktrees/one-a1',
	hook: ['/node', "/it's/hook.js"],
	mcp: ['/node', '/agent-room.js', 'mcp'],
	mcpEnvironment: {AGENT_ROOM_TITLE: `Use \${SECRET} well`, AGENT_ROOM_TOKEN: '1:secret', AGENT_ROOM_RUN: 'ab', ODD: `\${SECRET}`},
	allowed: ['git log --oneline', '! grep -l half *.txt'],
	reports: ['/state/bin/agent-room report'],
	environment: {AGENT_ROOM_TITLE: `Use \${SECRET} well`, AGENT_ROOM_TOKEN: '1:secret'},
	isRoot: true,
});
const launched = (overrides: Partial<LaunchContext> = {}) => {
	const launch = claude.launch({...context, ...overrides});
	const file = (name: string): unknown => JSON.parse(launch.files.find(each => each.name === name)?.text ?? '');
	return {...launch, settings: file('settings.json'), mcp: file('mcp.json')};
};
const modeOf = ({command}: {readonly command: readonly string[]}) => command[command.indexOf('--permission-mode') + 1];

describe('the launch of Claude Code', () => {
	test('a prompt is never an option, and the arguments of the person come first', () => {
		const {command} = launched();
		expect(command.slice(0, 3)).toEqual(['claude', '--model', 'opus']);
		expect(command.slice(-2)).toEqual(['--', context.prompt]);
		expect(command).toContain('--session-id');
	});

	test('a session is resumed instead of begun', () => {
		const {command} = launched({resume: 'abc'});
		expect(command.slice(command.indexOf('--resume'), command.indexOf('--resume') + 2)).toEqual(['--resume', 'abc']);
		expect(command).not.toContain('--session-id');
	});

	test('a session of the user is continued in a copy, with an id of its own', () => {
		const {command} = launched({fork: 'abc'});
		const at = command.indexOf('--session-id');
		expect(command.slice(at, at + 5)).toEqual(['--session-id', context.newSession, '--resume', 'abc', '--fork-session']);
	});

	test('the status line of the user stays, behind the one that reports the cost', () => {
		const lineOf = (userSettings: string) => field(launched({userSettings, hook: ['sh', '-c', 'cat >&2']}).settings, 'statusLine');
		expect(lineOf('{"theme": "dark"}')).toEqual({type: 'command', command: "'sh' '-c' 'cat >&2' 'StatusLine'", padding: 0});
		const theirs = lineOf(JSON.stringify({statusLine: {type: 'command', command: "printf '%s ' it\\'s; cat", padding: 2}}));
		expect(theirs).toMatchObject({type: 'command', padding: 2});
		const input = '{"a": "b\\n%s"}';
		const {stdout, stderr} = spawnSync('sh', ['-c', textField(theirs, 'command') ?? ''], {input, encoding: 'utf8'});
		expect([stdout, stderr]).toEqual([`it's ${input}`, input]);
	});

	test('headless it streams, with the schema of its answer where one is wanted', () => {
		const {command} = launched({mode: 'headless', answerSchema: '{"type":"object"}'});
		expect(command.slice(3, 9)).toEqual(['-p', '--output-format', 'stream-json', '--verbose', '--json-schema', '{"type":"object"}']);
		expect(launched({mode: 'headless'}).command).not.toContain('--json-schema');
	});

	test.each([
		[{permissions: 'ask'}, 'default'],
		[{permissions: 'edit'}, 'acceptEdits'],
		// Edits that are accepted unasked let it remove and move files, too.
		[{permissions: 'edit', writes: false}, 'default'],
		[{permissions: 'full'}, 'bypassPermissions'],
	] as const)('%o is the mode %s', (overrides, mode) => expect(modeOf(launched(overrides))).toBe(mode));

	test('only a role whose work travels has tools that write', () => {
		expect(listField(launched().settings, 'permissions', 'deny')).not.toContain('Write');
		expect(listField(launched({writes: false}).settings, 'permissions', 'deny')).toEqual(
			expect.arrayContaining(['Edit', 'Write', 'NotebookEdit']),
		);
	});

	test('what it is told may be read; a command that would be a pattern is asked about; who asks for all gets the room alone', () => {
		expect(listField(launched().settings, 'permissions', 'allow')).toEqual([
			'mcp__room',
			'Read(//state/sessions/one-a1/told/**)',
			'Bash(/state/bin/agent-room report:*)',
			'Bash(git log --oneline)',
		]);
		expect(listField(launched({permissions: 'ask'}).settings, 'permissions', 'allow')).not.toContain('Bash(git log --oneline)');
		// In the sandbox its own tools ask nothing, and a reader still has none that writes; who asks for all still does.
		const inside = listField(launched({isSandboxed: true, writes: false}).settings, 'permissions', 'allow');
		expect(inside).toEqual(expect.arrayContaining(['mcp__room', 'Bash', 'Read', 'Edit']));
		expect(listField(launched({isSandboxed: true, permissions: 'ask'}).settings, 'permissions', 'allow')).not.toContain('Bash');
	});

	test('hooks are quoted for the shell that runs them; a permission waits for days', () => {
		const [request] = listField(launched().settings, 'hooks', 'PermissionRequest');
		const [hook] = listField(request, 'hooks');
		expect(field(hook, 'command')).toBe("'/node' '/it'\\''s/hook.js' 'PermissionRequest'");
		expect(field(hook, 'timeout')).toBeGreaterThan(24 * 3600);
	});

	test('the token stands in no argument and no file, and no title is searched for variables', () => {
		const {command, files, mcp} = launched();
		expect(command.join(' ')).not.toContain('secret');
		expect(files.map(({text}) => text).join('\n')).not.toContain('secret');
		expect(field(mcp, 'mcpServers', 'room', 'env')).toEqual({
			AGENT_ROOM_TITLE: `\${AGENT_ROOM_TITLE}`,
			AGENT_ROOM_TOKEN: `\${AGENT_ROOM_TOKEN}`,
			AGENT_ROOM_RUN: 'ab',
		});
	});

	test('trust is taken as given only where the repository brings nothing to run', () => {
		const names = (overrides: Partial<LaunchContext>) =>
			Object.keys(launched(overrides).environment).filter(name => /SANDBOXED|TRUST/.test(name));
		expect(names({})).toEqual(['CLAUDE_CODE_SANDBOXED']);
		expect(names({foundSettings: ['.mcp.json']})).toEqual([]);
		expect(names({foundSettings: ['.claude'], mode: 'headless'})).toEqual(['CLAUDE_CODE_IGNORE_PERSISTED_TRUST']);
	});

	test('only with all rights, and as root, it is told that nothing is at stake', () => {
		expect(launched({permissions: 'full'}).environment.IS_SANDBOX).toBe('1');
		expect(launched({permissions: 'full', isRoot: false}).environment.IS_SANDBOX).toBeUndefined();
		expect(launched().environment.IS_SANDBOX).toBeUndefined();
	});
});
