import type {Config, TeamMember} from '../../core/config/config.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Harness} from '../../harnesses/shared/harness.ts';
import {findOnPath} from '../../os/find-program.ts';

/** The agent programs that a team may name without defining them: `claude`, `codex`, ... as they stand on the PATH. */
export const KNOWN_HARNESSES: Readonly<Record<string, Harness>> = Object.fromEntries(
	Object.values(CLIS).map(({name}) => [name, {name, command: [name], finish: 'exit', cli: name} satisfies Harness]),
);

const member = (role: string, harness: string, count: number): TeamMember => ({role, harness, count, capabilities: [], args: []});

/** The team of a repository without a `team:`: what is installed, and why in one sentence. */
export const fitTeam = (path: string, review: Config['review']): {readonly team: readonly TeamMember[]; readonly note: string} => {
	// Those that only run without a screen have to be asked for: what they may not do is refused, and nobody is asked.
	const fitting = Object.values(CLIS).filter(({modes}) => modes.includes('interactive'));
	const found = fitting.map(({name}) => name).filter(name => findOnPath(name, path));
	const [first] = found;
	if (first === undefined) {
		const names = fitting.map(({name}) => name).join(', ');
		return {
			team: [],
			note: `No agent program is on the PATH (${names}): the room opens without developers. \`agent-room init\` writes a team.`,
		};
	}
	const reviewer = found[1] ?? first;
	return {
		team: [
			...found.map(name => member('developer', name, found.length === 1 ? 2 : 1)),
			...(review === 'off' ? [] : [member('code-sentinel', reviewer, 1)]),
			member('orchestrator', first, 1),
		],
		note: `No team is configured: ${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} on the PATH and ${found.length === 1 ? 'works' : 'work'} as developer${review === 'off' ? '' : `, ${reviewer} reviews`}, ${first} plans features.`,
	};
};
