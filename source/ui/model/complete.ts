import {agentName} from '../../core/agent/agent.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {STATUS_STYLES} from './status-styles.ts';

/** A text with its last word completed as far as it is sure; `others`: what it may become, where more has to be typed. */
export type Completed = {readonly text: string; readonly others: readonly string[]};

const commonStart = (words: readonly string[]): string => {
	const [first = '', ...rest] = words;
	let length = first.length;
	for (const word of rest) while (!word.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length--;
	return first.slice(0, length);
};

/** Completes the end of a text after its last blank, comma or colon, as a shell does; undefined if nothing begins with it. */
export const completed = (before: string, candidates: readonly string[]): Completed | undefined => {
	const word = /[^\s,:!]*$/.exec(before)?.[0] ?? '';
	const fitting = [...new Set(candidates)].filter(one => one.toLowerCase().startsWith(word.toLowerCase()));
	const [only] = fitting;
	if (only === undefined) return undefined;
	const start = before.slice(0, before.length - word.length);
	if (fitting.length === 1) return {text: `${start}${only}`, others: []};
	const common = commonStart(fitting);
	return {text: common.length > word.length ? `${start}${common}` : before, others: fitting};
};

/** Names of a room, by what a field takes. */
export const namesIn = ({team}: Pick<RoomSnapshot, 'team'>) => {
	const [agents, tasks] = [[...team.agents.values()], [...team.tasks.values()]];
	const words = (all: readonly string[]): readonly string[] =>
		[...new Set(all.filter(Boolean))].toSorted((a, b) => a.localeCompare(b, 'en'));
	return {
		agents: agents.map(({id}) => agentName(id)),
		tasks: tasks.map(({id}) => id),
		openTasks: tasks.filter(({state}) => !FINAL_STATES.includes(state)).map(({id}) => id),
		capabilities: words(agents.flatMap(({capabilities}) => capabilities)),
		models: words(agents.map(({model}) => model)),
		roles: words([...agents.map(({role}) => role), ...tasks.map(({role}) => role)]),
		hosts: words(agents.map(({host}) => host)),
		states: words([...Object.keys(STATUS_STYLES), ...tasks.map(({state}) => state)]),
	};
};

const KINDS = {
	s: 'states',
	r: 'roles',
	a: 'agents',
	t: 'tasks',
	h: 'hosts',
	state: 'states',
	role: 'roles',
	agent: 'agents',
	task: 'tasks',
	host: 'hosts',
} as const;

/** What the last word of a filter may become: after `a:` agents, after `s:` states; without a kind agents and tasks. */
export const filterNames = (before: string, snapshot: Pick<RoomSnapshot, 'team'>): readonly string[] => {
	const kind = /(?:^|[\s!])([a-z]+):[^\s]*$/.exec(before)?.[1] ?? '';
	const names = namesIn(snapshot);
	return Object.hasOwn(KINDS, kind) ? names[KINDS[kind as keyof typeof KINDS]] : [...names.agents, ...names.tasks];
};
