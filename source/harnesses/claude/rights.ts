import type {LaunchContext} from '../cli.ts';
import {SERVER} from './names.ts';

/** Claude's word for how much it may do unasked. Who only reads gets no edits unasked: those also let it `rm` and `mv`. */
export const permissionMode = ({permissions, writes}: Pick<LaunchContext, 'permissions' | 'writes'>): string => {
	if (permissions === 'full') return 'bypassPermissions';
	return permissions === 'edit' && writes ? 'acceptEdits' : 'default';
};

/** The tools that change files. */
const EDITING = ['Edit', 'Write', 'NotebookEdit'];

/** Tools that take an agent out of its worktree, or wake it when its task is somebody else's: nobody has them. */
const LEAVING = ['EnterWorktree', 'ExitWorktree', 'CronCreate', 'ScheduleWakeup'];

/** A command as a rule for its beginning. What a rule would read as a pattern of its own is asked about instead. */
const bashRule = (command: string): readonly string[] => (/[*()\n\\]|:\*/.test(command) ? [] : [`Bash(${command}:*)`]);

/**
 * What never asks and what never is: what the agent is told lies outside of its worktree and may be read; a role that only reads has no
 * tool that writes. `ask` leaves the commands to the person, but for the room's own.
 */
export const rules = (context: LaunchContext): {readonly allow: readonly string[]; readonly deny: readonly string[]} => {
	const commands = context.permissions === 'ask' ? context.allowed.filter(command => command.includes('agent-room')) : context.allowed;
	return {
		allow: [`mcp__${SERVER}`, `Read(/${context.told}/**)`, ...commands.flatMap(bashRule)],
		deny: context.writes ? LEAVING : [...LEAVING, ...EDITING],
	};
};
