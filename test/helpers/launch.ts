import {createHash} from 'node:crypto';
import type {LaunchContext} from '../../source/harnesses/shared/cli.ts';

/** What the launch of an agent CLI is made of, where a test does not care; paths need not be there. */
export const launchContext = (wanted: Partial<LaunchContext> = {}): LaunchContext => ({
	mode: 'interactive',
	permissions: 'edit',
	stage: 'develop',
	writes: true,
	prompt: 'Read the file.',
	newSession: 'new',
	resume: '',
	fork: '',
	forkFile: '',
	forkText: '',
	program: ['program'],
	folder: '/state/sessions/t-a1',
	told: '/state/sessions/t-a1/told',
	worktree: '/w',
	repository: '/r',
	gitDir: '/w/.git',
	hook: ['node', 'hook.js'],
	mcp: ['node', 'room.js', 'mcp'],
	mcpEnvironment: {AGENT_ROOM_TOKEN: '1:x'},
	allowed: [],
	reports: ['agent-room report'],
	isSandboxed: false,
	environment: {},
	isRoot: false,
	sha256: text => createHash('sha256').update(text).digest('hex'),
	answerSchema: '',
	...wanted,
});
