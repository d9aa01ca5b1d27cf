import {agentId, type Mode, numberOf, type Permissions} from '../../core/agent/agent.ts';
import {type Config, leastOf, type TeamMember} from '../../core/config/config.ts';
import type {Role} from '../../core/task/stages.ts';
import type {Stage} from '../../core/task/task.ts';
import type {AgentSlot} from '../../core/team/rooms.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import {roleIn} from '../../roles/roles.ts';

/** A member of this room's team. Its number is its slot's until Redis has given it one (`numbered`). */
export type PlannedAgent = {
	readonly id: string;
	/** Short name of its role, and its slot among those of this room, from 1: they give it the same number in every life of the room. */
	readonly short: string;
	readonly slot: number;
	readonly role: string;
	readonly stages: readonly Stage[];
	readonly capabilities: readonly string[];
	readonly harness: string;
	readonly command: readonly string[];
	readonly finish: Harness['finish'];
	/** Of a known agent CLI: which one, and how it runs. */
	readonly cli?: Harness['cli'];
	readonly mode: Mode;
	readonly permissions: Permissions;
	/** Its harness's own choice of sandbox. */
	readonly sandbox?: Harness['sandbox'];
	readonly network?: Harness['network'];
	readonly account: string;
	readonly rules?: Harness['rules'];
	readonly environment: Readonly<Record<string, string>>;
	/** Its commits are merged. */
	readonly writes: boolean;
	readonly prompt: string;
	/** For the room's own programs: what runs in the pane instead of a harness. */
	readonly program?: Role['program'];
};

/** Roles whose work is a program of the room: there is always at least one of each. */
const PROGRAM_ROLES = ['test-orchestrator', 'repository-guardian'] as const;

const withPrograms = (team: readonly TeamMember[]): readonly TeamMember[] => [
	...team,
	...PROGRAM_ROLES.filter(role => !team.some(member => member.role === role)).map(role => ({role, count: 1, capabilities: [], args: []})),
];

/** The member whose agents come and go with the tests that wait (`count: auto`); undefined if their number is configured. */
export const scalingTesters = ({team}: Pick<Config, 'team'>): TeamMember | undefined => team.find(({count}) => count === 'auto');

/** The requested mode, if its program has it. */
const modeFor = (harness: Harness | undefined, wanted: Mode): Mode => {
	const modes = harness?.cli === undefined ? undefined : CLIS[harness.cli]?.modes;
	return modes === undefined || modes.includes(wanted) ? wanted : (modes[0] ?? wanted);
};

/** A program with a screen does not exit when its work is done, but reports it. A headless one exits. */
const finishOf = (harness: Harness | undefined, mode: Mode): Harness['finish'] => {
	if (harness?.cli === undefined) return harness?.finish ?? 'exit';
	return mode === 'interactive' ? 'report' : 'exit';
};

/** The members in a configuration, with ids numbered by role. Throws an Error with a sentence for an unknown harness. */
export const planTeam = (config: Config, harnesses: Readonly<Record<string, Harness>>): readonly PlannedAgent[] => {
	const numbers = new Map<string, number>();
	return withPrograms(config.team).flatMap(member => {
		const role = roleIn(member.role, config.roles);
		const harness = member.harness === undefined ? undefined : harnesses[member.harness];
		if (!role.program && !harness)
			throw new Error(`role \`${member.role}\` names the harness \`${member.harness ?? ''}\`, which is not defined`);
		return Array.from({length: leastOf(member)}, () => {
			const number = (numbers.get(role.prefix) ?? 0) + 1;
			numbers.set(role.prefix, number);
			const mode = modeFor(harness, member.mode ?? harness?.mode ?? (role.writes ? 'interactive' : 'headless'));
			return {
				id: agentId(role.prefix, number),
				short: role.prefix,
				slot: number,
				role: role.name,
				stages: role.stages,
				// A task that continues a session needs the CLI of that session.
				capabilities: [...new Set([...member.capabilities, ...(harness?.cli ? [harness.cli] : [])])],
				harness: role.program ?? harness?.name ?? '',
				command: [...(harness?.command ?? []), ...member.args],
				finish: finishOf(harness, mode),
				...(harness?.cli ? {cli: harness.cli} : {}),
				mode,
				permissions: member.permissions ?? harness?.permissions ?? 'edit',
				sandbox: harness?.sandbox,
				network: harness?.network,
				...(harness?.rules ? {rules: harness.rules} : {}),
				account: harness?.account ?? harness?.name ?? '',
				environment: harness?.environment ?? {},
				writes: role.writes,
				prompt: role.prompt,
				...(role.program ? {program: role.program} : {}),
			};
		});
	});
};

/** Slots for which Redis gives numbers. `hasNumbers`: they have numbers, which they keep if Redis has lost them. */
export const slotsOf = (team: readonly PlannedAgent[], hasNumbers = false): readonly AgentSlot[] =>
	team.map(({id, short, slot}) => ({short, slot, number: hasNumbers ? numberOf(id) : 0}));

/** The same members with these numbers, in order. */
export const numbered = (team: readonly PlannedAgent[], numbers: readonly number[]): readonly PlannedAgent[] =>
	team.map((agent, index) => ({...agent, id: agentId(agent.short, numbers[index] ?? agent.slot)}));

/** What the pipeline needs and the team lacks, as sentences; [] if a task can reach the base branch. */
export const missingRoles = (config: Config, team: readonly PlannedAgent[]): readonly string[] => {
	const has = (role: string): boolean => team.some(agent => agent.role === role);
	return [
		...(team.some(agent => agent.stages.includes('develop')) ? [] : ['the team has no developer, so no task can start']),
		...(config.review === 'off' || has('code-sentinel')
			? []
			: ['the team has no code-sentinel, so reviews wait (`review: off` skips them)']),
		...(config.protectedPaths.length === 0 || has('security-auditor')
			? []
			: ['the team has no security-auditor, so changes to `protectedPaths` wait']),
	];
};
