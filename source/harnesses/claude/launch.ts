import type {Launch, LaunchContext, Permissions} from '../cli.ts';

const MODES: Readonly<Record<Permissions, string>> = {ask: 'default', edit: 'acceptEdits', full: 'bypassPermissions'};

/** Claude Code is told everything by arguments, environment and files of the session's folder: nothing of the person's is written. */
export const launch = (context: LaunchContext): Launch => {
	const session = context.resume === '' ? ['--session-id', context.newSession] : ['--resume', context.resume];
	const headless = context.mode === 'headless' ? ['-p', '--output-format', 'stream-json', '--verbose'] : [];
	return {
		command: [...context.program, ...headless, '--permission-mode', MODES[context.permissions], ...session, '--', context.prompt],
		environment: {CLAUDE_CODE_SANDBOXED: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'},
		files: [],
	};
};
