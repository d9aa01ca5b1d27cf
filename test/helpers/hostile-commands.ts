import {existsSync, readdirSync} from 'node:fs';

/** What a rule for exactly this command must not let through, and what `agent-room report` must not become. Each would leave `stolen-N` behind. */
export const HOSTILE: readonly string[] = [
	"git grep -O'touch stolen-1' -e .",
	'git log --oneline --output=stolen-2',
	'git diff --no-index --output=stolen-3 /etc/hostname /etc/passwd',
	'git show --output=stolen-4 HEAD',
	'git log --oneline >stolen-5',
	'agent-room report progress hello >stolen-6',
	'agent-room report progress hello; touch stolen-7',
	'agent-room report progress "$(touch stolen-8)"',
	'git log --oneline & touch stolen-9',
	'git log --oneline\ntouch stolen-10',
	'git -c core.pager="touch stolen-11" -p log --oneline',
	'GIT_EXTERNAL_DIFF="touch stolen-12" git diff HEAD',
];

/** Which of them were done. */
export const stolenIn = (worktree: string): readonly string[] =>
	existsSync(worktree) ? readdirSync(worktree).filter(name => name.startsWith('stolen-')) : [];
