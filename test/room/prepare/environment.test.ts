import {expect, test} from 'vitest';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {agentEnvironment, loginsOf} from '../../../source/room/prepare/environment.ts';

const place = {
	agent: 'agent:dev:001',
	role: 'developer',
	task: parseWholeTask('t-1', {title: 'Add\0 login', stage: 'develop', attempt: '2'}),
	token: '4:abc',
	briefFile: '/state/briefs/t-1.md',
	worktree: '/w',
	branch: 'agent/t-1-a2',
	base: 'main',
	socket: '/state/room.sock',
	stateFolder: '/state',
	port: 20_010,
	commands: '/state/bin',
};

test('an agent inherits an allow-list and nothing of the room', () => {
	const env = agentEnvironment(
		{
			PATH: '/usr/bin',
			HOME: '/h',
			AGENT_ROOM_REDIS_URL: 'redis://secret',
			SECRET: 'x',
			LC_ALL: 'C',
			MINE: '1',
			NODE_COMPILE_CACHE: '/h/compiled',
		},
		['MINE', 'NODE_COMPILE_CACHE'],
		place,
	);
	expect(env).toMatchObject({
		HOME: '/h',
		LC_ALL: 'C',
		MINE: '1',
		PATH: '/state/bin:/usr/bin',
		AGENT_ROOM_TOKEN: '4:abc',
		AGENT_ROOM_ATTEMPT: '2',
		AGENT_ROOM_PORT: '20010',
	});
	expect(Object.values(env).join(' ')).not.toContain('secret');
	expect(env).not.toHaveProperty('SECRET');
	expect(env).not.toHaveProperty('AGENT_ROOM_REDIS_URL');
	// Whoever could write there would write what the person runs.
	expect(env).not.toHaveProperty('NODE_COMPILE_CACHE');
});

test('no agent hangs in a pager or at a prompt of git, unless the configuration brings the pager back', () => {
	const inherited = {PAGER: 'less', GIT_PAGER: 'delta'};
	expect(agentEnvironment(inherited, [], place)).toMatchObject({PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0'});
	expect(agentEnvironment(inherited, ['PAGER'], place)).toMatchObject({PAGER: 'less', GIT_PAGER: 'cat'});
});

test('a title with a NUL byte does not end the environment', () => {
	expect(agentEnvironment({}, [], place).AGENT_ROOM_TITLE).toBe('Add login');
});

test('the login of a CLI reaches the agents of that CLI, and no others', () => {
	const inherited = {AWS_PROFILE: 'work', GOOGLE_CLOUD_PROJECT: 'p', COPILOT_GITHUB_TOKEN: 'secret', XDG_STATE_HOME: '/s'};
	expect(agentEnvironment(inherited, loginsOf('claude'), place)).toMatchObject({AWS_PROFILE: 'work', GOOGLE_CLOUD_PROJECT: 'p'});
	expect(agentEnvironment(inherited, loginsOf('claude'), place)).not.toHaveProperty('COPILOT_GITHUB_TOKEN');
	for (const cli of ['codex', undefined] as const) {
		const env = agentEnvironment(inherited, loginsOf(cli), place);
		expect(Object.keys(inherited).filter(name => name in env)).toEqual([]);
	}
});
