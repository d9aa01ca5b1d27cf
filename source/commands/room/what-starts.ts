import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {roleWord} from '../../core/agent/role-label.ts';
import {type Config, leastOf, type TeamMember} from '../../core/config/config.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {configurationOf} from '../config/load.ts';
import type {Place} from '../config/place.ts';
import {fitTeam, KNOWN_HARNESSES} from '../config/team.ts';
import type {Invocation} from '../parse/command.ts';
import {readTasks} from '../show/status.ts';

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const many = (count: number, word: string): string => (count === 1 ? word : `${count} ${word}s`);

/** Whose limits and money the agents of a team use: those of agent CLIs; a command of your own has none that is known. */
const accountsOf = (team: readonly TeamMember[], harnesses: Config['harnesses']): readonly string[] => [
	...new Set(
		team.flatMap(({harness = ''}) => {
			const own = harnesses[harness];
			const isCli = own ? own.cli !== undefined : Object.hasOwn(KNOWN_HARNESSES, harness);
			return isCli ? [own?.account ?? harness] : [];
		}),
	),
];

/** What `enter` begins, in sentences: agents, accounts, tasks. `queued`: open tasks, undefined if unknown. */
export const startsText = ({
	team,
	harnesses,
	queued,
}: {
	readonly team: readonly TeamMember[];
	readonly harnesses: Config['harnesses'];
	readonly queued: number | undefined;
}): string => {
	if (team.length === 0) return 'Opening starts no agent: there is no team.';
	const members = team.map(({role, harness, count}) => `${many(leastOf({count}), roleWord(role))}${harness ? ` (${harness})` : ''}`);
	const accounts = accountsOf(team, harnesses);
	const spends = accounts.length > 0 ? ` They use your ${accounts.length === 1 ? 'account' : 'accounts'} ${listed(accounts)}.` : '';
	const tasks =
		queued === undefined
			? ''
			: queued === 0
				? ' No task is queued: nothing is spent until you add one.'
				: ` ${queued === 1 ? '1 task is queued: work on it begins' : `${queued} tasks are queued: work on them begins`} at once.`;
	return `Opening starts ${listed(members)}.${spends}${tasks}`;
};

const countQueued = async (invocation: Invocation, {stateFolder, redisUrl}: Place): Promise<number | undefined> => {
	if (redisUrl === '' && !existsSync(join(stateFolder, 'redis'))) return 0;
	try {
		const {tasks} = await readTasks(invocation);
		return tasks.filter(({state}) => !FINAL_STATES.includes(state)).length;
	} catch {
		return undefined;
	}
};

/** What opening a room here would begin; what is not trusted counts as missing. */
export const whatStarts = async (invocation: Invocation, place: Place): Promise<string> => {
	const {allowed, isTrusted} = await configurationOf(invocation, place);
	const team = isTrusted && allowed.team.length === 0 ? fitTeam(invocation.environment.PATH ?? '', allowed.review).team : allowed.team;
	return startsText({team, harnesses: allowed.harnesses, queued: await countQueued(invocation, place)});
};

/** Whether the repository's file may lack what makes work useful; without reading it as a configuration, which an ordinary start does later. */
const mayLack = (root: string): boolean => {
	try {
		const text = readFileSync(join(root, 'agent-room.yaml'), 'utf8');
		return !/^test\s*:/m.test(text) || !/^team\s*:/m.test(text);
	} catch {
		return true;
	}
};

/** Whether a room here could do nothing that lasts: no test command, or no one to work. False where an untrusted or wrong file is asked about anyway. */
export const isUseless = async (invocation: Invocation, place: Place): Promise<boolean> => {
	if (!mayLack(place.repository.root)) return false;
	try {
		const {allowed, isTrusted} = await configurationOf(invocation, place);
		if (!isTrusted) return false;
		const hasTeam = allowed.team.length > 0 || fitTeam(invocation.environment.PATH ?? '', allowed.review).words !== '';
		return allowed.test === undefined || !hasTeam;
	} catch {
		return false;
	}
};
