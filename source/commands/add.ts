import type {NewTask} from '../core/action.ts';
import {readSubmission} from '../core/submission.ts';
import {addWithoutRoom} from './add-without-room.ts';
import {type Invocation, isSet, listFlag, type RunCommand, textFlag, wordsOf} from './command.ts';
import {CommandError, wrongUsage} from './command-error.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine} from './plain-text.ts';
import {readPlanFile} from './plan-file.ts';
import {readText} from './read-text.ts';
import {askIfRunning, idsOf} from './room-client.ts';
import {viaRoomOrRedis} from './via-room.ts';

const partOf = (invocation: Invocation): {readonly of?: string} => {
	const feature = textFlag(invocation, 'of').toLowerCase();
	return feature === '' ? {} : {of: feature};
};

/** The task that the arguments and flags describe. */
const taskOf = (invocation: Invocation, title: string): NewTask => {
	const text = (name: string): string => textFlag(invocation, name);
	const {priority} = invocation.flags;
	return {
		title,
		...(text('id') ? {id: text('id')} : {}),
		...(text('brief') ? {brief: readText(invocation, text('brief'))} : {}),
		...(typeof priority === 'number' ? {priority} : {}),
		...(text('role') ? {role: text('role')} : {}),
		...(text('needs') ? {needs: wordsOf(text('needs'))} : {}),
		...(text('after') ? {after: wordsOf(text('after'))} : {}),
		...(text('paths') ? {paths: wordsOf(text('paths'))} : {}),
		...(listFlag(invocation, 'acceptance').length > 0 ? {acceptance: listFlag(invocation, 'acceptance')} : {}),
		...(isSet(invocation, 'audit') ? {audit: true} : {}),
		...(isSet(invocation, 'feature') ? {feature: true} : {}),
		...partOf(invocation),
	};
};

const readTasks = async (invocation: Invocation): Promise<readonly NewTask[]> => {
	const [title] = invocation.input;
	const plan = textFlag(invocation, 'plan');
	if (plan && title !== undefined) throw wrongUsage('Give a title or --plan FILE, not both.', 'See `agent-room help add`.');
	if (plan) return (await readPlanFile(plan, readText(invocation, plan))).map(task => ({...partOf(invocation), ...task}));
	if (title === undefined) throw wrongUsage('A task needs a title.', 'agent-room add "Add login with rate limiting"');
	return [taskOf(invocation, title)];
};

/** What the queue would refuse is refused before anything is in it, so that a plan goes in whole. */
const check = (tasks: readonly NewTask[]): void => {
	for (const task of tasks) {
		const read = readSubmission(task, {plan: 'off', attempts: 1});
		if (!read.ok) throw new CommandError(read.code, read.message, read.hint, EXIT.usage);
	}
};

const send = async (invocation: Invocation, tasks: readonly NewTask[]): Promise<readonly string[]> => {
	const [first] = tasks;
	const isPlan = textFlag(invocation, 'plan') !== '';
	const action = isPlan || !first ? ({type: 'add-plan', tasks} as const) : ({type: 'add-task', ...first} as const);
	const viaRoom = async (): Promise<readonly string[] | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'dispatch', action});
		return reply && idsOf(reply);
	};
	return viaRoomOrRedis(invocation, viaRoom, addWithoutRoom(tasks));
};

/** `agent-room add TITLE | --plan FILE`: prints the id of each new task. Where no room runs the task waits for one. */
export const add: RunCommand = async invocation => {
	const tasks = await readTasks(invocation);
	check(tasks);
	const ids = await send(invocation, tasks);
	for (const id of ids) invocation.print(isSet(invocation, 'json') ? plainJson({id}) : plainLine(id));
	return EXIT.ok;
};
