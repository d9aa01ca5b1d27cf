import type {Command, RunCommand} from './parse/command.ts';
import {ROOM_COMMANDS} from './rows/room.ts';
import {LOOKING_COMMANDS} from './rows/show.ts';
import {TEAM_COMMANDS} from './rows/team.ts';
import {WORK_COMMANDS} from './rows/work.ts';

/** Next to the table, since they read every row. */
const HELP: Command = {
	name: 'help',
	group: 'setup',
	arguments: '[COMMAND|keys|topics|TOPIC]',
	takes: [0, 1],
	summary: 'explain a command, or show a page of the guide',
	flags: {},
	examples: ['agent-room help add', 'agent-room help topics', 'agent-room help quickstart', 'agent-room help keys'],
	details: [
		'`help topics` lists the pages. A page opens in $PAGER where the terminal is too',
		'small for it. `help keys` shows the keys with the `keys:` of your configuration.',
	],
	load: async () => (await import('./help.ts')).help,
};

const COMPLETION: Command = {
	name: 'completion',
	group: 'setup',
	arguments: '[bash|zsh|fish]',
	takes: [0, 1],
	summary: 'print completion for your shell',
	flags: {names: {type: 'string', value: 'agents,tasks', summary: 'print names of the running room, for the script', isRare: true}},
	examples: [
		'agent-room completion bash',
		'agent-room completion fish > ~/.config/fish/completions/agent-room.fish',
		'agent-room completion --names tasks',
	],
	details: [
		'Commands, flags, and the agents and tasks of the room that runs here. In',
		'~/.bashrc or ~/.zshrc: source <(agent-room completion bash), or zsh.',
	],
	load: async () => (await import('./completion.ts')).completion,
};

/** Every command as data, for parsing, help, suggestions and README. */
export const COMMANDS: readonly Command[] = [...ROOM_COMMANDS, HELP, COMPLETION, ...WORK_COMMANDS, ...TEAM_COMMANDS, ...LOOKING_COMMANDS];

/** Runs a row: its own code, or an action for the room. */
export const runnerOf = async (row: Command): Promise<RunCommand> => {
	if ('load' in row) return row.load();
	if ('decision' in row) {
		const {decide} = await import('./add/decide.ts');
		return async invocation => decide(invocation, row.decision(invocation));
	}
	const {order} = await import('./client/client.ts');
	return async invocation => order(invocation, row.action(invocation));
};
