import type {Config, TeamMember} from '../../core/config/config.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import {findOnPath} from '../../os/find-program.ts';
import {wrongUsage} from '../parse/command.ts';

/** The agent programs that a team may name without defining them: `claude`, `codex`, ... as they stand on the PATH. */
export const KNOWN_HARNESSES: Readonly<Record<string, Harness>> = Object.fromEntries(
	Object.values(CLIS).map(({name}) => [name, {name, command: [name], finish: 'exit', cli: name} satisfies Harness]),
);

const member = (role: string, harness: string, count: number): TeamMember => ({role, harness, count, capabilities: [], args: []});

/** The most of one role, as in the configuration. */
const MOST = 64;

/**
 * The members that `--team developer:8,code-sentinel:2` asks for: each as the configuration has that role, so many of it. What a role runs is never taken from the
 * command line, nor from Redis. Throws a sentence for a role that the configuration does not have and for a count that is none.
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

/** What is said wherever no agent CLI was found. */
const noCli = (names: readonly string[]): string => `No agent CLI is on your PATH (${names.join(', ')}).`;

/** Who works as what, in words: `claude as 2 developers, reviewer and planner`. */
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
 * The team of a repository without a `team:`, made of what is installed. `words` says who works as what, '' if nobody does; `note` is the
 * same as a sentence, said by `init`, by the start page and by the room alike.
 */
export const fitTeam = (
	path: string,
	review: Config['review'],
): {readonly team: readonly TeamMember[]; readonly words: string; readonly note: string} => {
	// Those that only run without a screen have to be asked for: what they may not do is refused, and nobody is asked.
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
