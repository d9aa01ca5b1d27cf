import type {Config, TeamMember} from '../../core/config/config.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import {findOnPath} from '../../os/find-program.ts';
import {wrongUsage} from '../parse/command.ts';

/** Agent CLIs that a team may use without a definition, from the PATH: `claude`, `codex`, ... */
export const KNOWN_HARNESSES: Readonly<Record<string, Harness>> = Object.fromEntries(
	Object.values(CLIS).map(({name}) => [name, {name, command: [name], finish: 'exit', cli: name} satisfies Harness]),
);

const member = (role: string, harness: string, count: number): TeamMember => ({role, harness, count, capabilities: [], args: []});

/** Limit of one role's agents, as in the configuration. */
const MOST = 64;

/**
 * Members for `--team developer:8,code-sentinel:2`, each as configured. Guarantee: what a role runs never comes from the command line or
 * Redis. Throws for an unconfigured role or an invalid count.
 */
export const readTeam = (text: string, configured: readonly TeamMember[]): readonly TeamMember[] =>
	text.split(',').map(part => {
		const [, role = '', digits = '1'] = /^\s*([a-z][a-z0-9-]*)(?::(\d+))?\s*$/.exec(part) ?? [];
		if (role === '') throw wrongUsage(`\`${part.trim()}\` is no part of a team.`, 'Example: --team developer:8,code-sentinel:2');
		const count = Number(digits);
		if (count < 1 || count > MOST) throw wrongUsage(`\`${part.trim()}\`: of one role there can be 1 to ${MOST}.`);
		const member = configured.find(one => one.role === role);
		if (!member) {
			const known = [...new Set(configured.map(one => one.role))].join(', ');
			throw wrongUsage(`The configured team has no \`${role}\`.`, known === '' ? 'Set `team:` in agent-room.yaml.' : `It has ${known}.`);
		}
		return {...member, count};
	});

const noCli = (names: readonly string[]): string => `No agent CLI is on your PATH (${names.join(', ')}).`;

/** The team in words: `claude as 2 developers, reviewer and planner`. */
const teamWords = (found: readonly string[], reviewer: string): string =>
	found
		.map((name, index) => {
			const roles = [
				found.length === 1 ? '2 developers' : 'developer',
				...(name === reviewer ? ['reviewer'] : []),
				...(index === 0 ? ['planner'] : []),
			];
			const [last = '', ...before] = roles.toReversed();
			return `${name} as ${before.length > 0 ? `${before.toReversed().join(', ')} and ` : ''}${last}`;
		})
		.join('; ');

/**
 * The team for a repository without `team:`, from installed CLIs. `words` says which CLI has which role, '' for none; `note` is the
 * sentence for `init`, the start page and the room.
 */
export const fitTeam = (
	path: string,
	review: Config['review'],
): {readonly team: readonly TeamMember[]; readonly words: string; readonly note: string} => {
	// Headless-only CLIs must be configured: refusals there reach no human.
	const fitting = Object.values(CLIS).filter(({modes}) => modes.includes('interactive'));
	const found = fitting.map(({name}) => name).filter(name => findOnPath(name, path));
	const [first] = found;
	if (first === undefined) return {team: [], words: '', note: noCli(fitting.map(({name}) => name))};
	const reviewer = review === 'off' ? '' : (found[1] ?? first);
	const words = teamWords(found, reviewer);
	return {
		team: [
			...found.map(name => member('developer', name, found.length === 1 ? 2 : 1)),
			...(reviewer === '' ? [] : [member('code-sentinel', reviewer, 1)]),
			member('orchestrator', first, 1),
		],
		words,
		note: `Team, from your PATH: ${words}.`,
	};
};
