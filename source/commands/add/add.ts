import {resolve} from 'node:path';
import {PERMISSIONS} from '../../core/agent/agent.ts';
import {submissionRules} from '../../core/config/config.ts';
import type {NewTask} from '../../core/intake/new-task.ts';
import {notSubmitted, readSubmission, type Submission} from '../../core/intake/submission.ts';
import {readMarkdownPlan} from '../../core/plan/markdown.ts';
import {orderPlan} from '../../core/plan/plan.ts';
import {tellUndecided} from '../../core/team/snapshot.ts';
import {keepFile} from '../../room/session/attached.ts';
import {livesOf, roomName} from '../../room/team/identity.ts';
import {idsOf} from '../client/answers.ts';
import {askIfRunning} from '../client/client.ts';
import {type Borrowed, viaRoomOrRedis} from '../client/via-room.ts';
import {findPlace} from '../config/place.ts';
import {
	CommandError,
	EXIT,
	type Invocation,
	isSet,
	listFlag,
	notReady,
	type RunCommand,
	readText,
	textFlag,
	wordsOf,
	wrongUsage,
} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

/** Queues tasks while no room runs: all, or none if one is refused. */
const addWithoutRoom =
	(tasks: readonly NewTask[]) =>
	async ({coordination, configuration, place, redis}: Borrowed): Promise<readonly string[]> => {
		const finding = redis.epoch.finding();
		if (finding !== '') throw notReady('redis-lost-data', `${tellUndecided(finding)}.`, '');
		const submissions = tasks.map((task): Submission => {
			const read = readSubmission(task, submissionRules(configuration.config));
			if (!read.ok) throw new CommandError(read.code, read.message, read.hint);
			return read.submission;
		});
		// A room that was just killed may still list waiting agents: tasks assigned to them would wait for the next room.
		const {team} = await coordination.snapshot();
		const prefix = livesOf(roomName(place.stateFolder));
		await coordination.closeAgents([...team.agents.values()].filter(({room}) => room.startsWith(prefix)).map(({id}) => id));
		const result = await coordination.submitAll(submissions);
		if (result.code === 'ok') return result.ids;
		const {code, message, hint} = notSubmitted(result.code, result.id);
		throw new CommandError(code, message, hint);
	};

const readYaml = async (name: string, content: string): Promise<readonly NewTask[]> => {
	const {parsePlan} = await import('../../core/plan/yaml.ts');
	const read = parsePlan(content);
	if (!read.ok) throw new CommandError('bad-plan', read.problems.map(({line, message}) => `${name}:${line}: ${message}`).join('\n'));
	const {cancel, lineOf, tasks} = read.file;
	if (cancel.length > 0)
		throw new CommandError(
			'bad-plan',
			`${name}:${lineOf('cancel', 0)}: \`cancel\` is only for replanning a feature.`,
			'See `agent-room help replan`.',
		);
	return tasks;
};

/**
 * Tasks of a plan file, dependencies first. A file with Markdown check boxes is a check list, anything else YAML. Refuses invalid content
 * with its place.
 */
export const readPlanFile = async (name: string, content: string): Promise<readonly NewTask[]> => {
	const isMarkdown = /\.(md|markdown)$/i.test(name) || /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/m.test(content);
	const tasks = isMarkdown ? readMarkdownPlan(content) : await readYaml(name, content);
	if (tasks.length === 0)
		throw new CommandError('bad-plan', `The plan \`${name}\` has no open task.`, 'Write a YAML list, or lines such as `- [ ] Add login`.');
	const ordered = orderPlan(tasks);
	if (!ordered.ok) throw new CommandError(ordered.code, ordered.message, ordered.hint);
	return ordered.tasks;
};

const partOf = (invocation: Invocation): {readonly of?: string} => {
	const feature = textFlag(invocation, 'of').toLowerCase();
	return feature === '' ? {} : {of: feature};
};

const permissionsOf = (word: string): Pick<NewTask, 'permissions'> => {
	const permissions = PERMISSIONS.find(known => known === word);
	if (word !== '' && permissions === undefined)
		throw wrongUsage(`\`--permissions ${word}\` is not known.`, `One of ${PERMISSIONS.join(', ')}.`);
	return permissions ? {permissions} : {};
};

/** The description, with copies of the files that go with it. */
const descriptionOf = async (invocation: Invocation): Promise<{readonly description?: string}> => {
	const given = textFlag(invocation, 'description');
	const marks: string[] = [];
	for (const name of listFlag(invocation, 'file')) {
		const kept = await keepFile(findPlace(invocation).stateFolder, resolve(invocation.folder, name));
		if (kept === undefined) throw wrongUsage(`There is no file \`${name}\`.`, 'Give the path of a file.');
		if (typeof kept !== 'string') throw new CommandError(kept.code, kept.message, kept.hint);
		marks.push(kept);
	}
	const text = [...(given ? [readText(invocation, given)] : []), ...marks].join('\n');
	return text === '' ? {} : {description: text};
};

const taskOf = async (invocation: Invocation, title: string): Promise<NewTask> => {
	const text = (name: string): string => textFlag(invocation, name);
	const {priority} = invocation.flags;
	return {
		title,
		...(text('id') ? {id: text('id')} : {}),
		...(await descriptionOf(invocation)),
		...(typeof priority === 'number' ? {priority} : {}),
		...(text('role') ? {role: text('role')} : {}),
		...(text('needs') ? {needs: wordsOf(text('needs'))} : {}),
		...(text('after') ? {after: wordsOf(text('after'))} : {}),
		...(text('paths') ? {paths: wordsOf(text('paths'))} : {}),
		...(listFlag(invocation, 'acceptance').length > 0 ? {acceptance: listFlag(invocation, 'acceptance')} : {}),
		...(isSet(invocation, 'audit') ? {audit: true} : {}),
		...(text('model') ? {model: text('model')} : {}),
		...permissionsOf(text('permissions')),
		...(isSet(invocation, 'feature') ? {feature: true} : {}),
		...partOf(invocation),
	};
};

const readTasks = async (invocation: Invocation): Promise<readonly NewTask[]> => {
	const [title] = invocation.input;
	const plan = textFlag(invocation, 'plan');
	if (plan && title !== undefined) throw wrongUsage('Give a title or --plan FILE, not both.', 'See `agent-room help add`.');
	if (plan) return (await readPlanFile(plan, readText(invocation, plan))).map(task => ({...partOf(invocation), ...task}));
	if (title === undefined) throw wrongUsage('Missing task title.', 'Example: agent-room add "Add login with rate limiting"');
	return [await taskOf(invocation, title)];
};

/** Checks everything before adding, so that a plan is added whole. */
const check = (tasks: readonly NewTask[]): void => {
	for (const task of tasks) {
		const read = readSubmission(task, {plan: 'off', attempts: 1});
		if (!read.ok) throw new CommandError(read.code, read.message, read.hint, EXIT.usage);
	}
};

/** Queues tasks, all or none: by the running room, else until one runs. Returns their ids. */
export const send = async (invocation: Invocation, tasks: readonly NewTask[]): Promise<readonly string[]> => {
	const [first] = tasks;
	const isPlan = textFlag(invocation, 'plan') !== '';
	const action = isPlan || !first ? ({type: 'add-plan', tasks} as const) : ({type: 'add-task', ...first} as const);
	const viaRoom = async (): Promise<readonly string[] | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'dispatch', action});
		return reply && idsOf(reply);
	};
	return viaRoomOrRedis(invocation, viaRoom, addWithoutRoom(tasks));
};

/** `agent-room add TITLE | --plan FILE`: prints the new tasks' ids. Without a room they wait for one. */
export const add: RunCommand = async invocation => {
	const tasks = await readTasks(invocation);
	check(tasks);
	const ids = await send(invocation, tasks);
	for (const id of ids) invocation.print(isSet(invocation, 'json') ? plainJson({id}) : plainLine(id));
	return EXIT.ok;
};
