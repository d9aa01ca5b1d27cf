import type {Command, RunCommand} from './parse/command.ts';
import {ROOM_COMMANDS} from './rows/room.ts';
import {LOOKING_COMMANDS} from './rows/show.ts';
import {TEAM_COMMANDS} from './rows/team.ts';
import {WORK_COMMANDS} from './rows/work.ts';

/** It stands next to the table, since it explains every row of it. */
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

/** Every command of the program as data; parsing, help, suggestions and the README read these rows. */
export const COMMANDS: readonly Command[] = [...ROOM_COMMANDS, HELP, ...WORK_COMMANDS, ...TEAM_COMMANDS, ...LOOKING_COMMANDS];

/** What runs a row: code of its own, or the room, which is given the action that is made of what was typed. */
export const runnerOf = async (row: Command): Promise<RunCommand> => {
	if ('load' in row) return row.load();
	if ('decision' in row) {
		const {decide} = await import('./add/decide.ts');
		return async invocation => decide(invocation, row.decision(invocation));
	}
	const {order} = await import('./client/client.ts');
	return async invocation => order(invocation, row.action(invocation));
};
