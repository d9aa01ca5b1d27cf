import {accessSync, constants, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Config, TeamMember} from '../core/config.ts';
import type {Harness} from '../harnesses/harness.ts';

const PROMPT = 'Read the file {briefFile} and do what it says. Finish by committing your work.';

/**
 * The agent programs that the room knows by name, run headless: they end when the work is done. Each keeps its own permission rules
 * as far as it can; what more it may do is the person's to say in `agent-room.yaml`.
 */
export const KNOWN_HARNESSES = {
	claude: {
		name: 'claude',
		command: ['claude', '-p', '--permission-mode', 'acceptEdits', '--allowedTools', 'Bash', '--', PROMPT],
		finish: 'exit',
	},
	codex: {name: 'codex', command: ['codex', 'exec', '--full-auto', '--', PROMPT], finish: 'exit'},
	gemini: {name: 'gemini', command: ['gemini', '--yolo', '--skip-trust', '-p', PROMPT], finish: 'exit'},
	opencode: {name: 'opencode', command: ['opencode', 'run', '--auto', '--', PROMPT], finish: 'exit'},
} as const satisfies Record<string, Harness>;

/** Where a program stands on a PATH, or undefined. Relative entries are skipped: they would name files of the repository. */
export const findProgram = (name: string, path: string): string | undefined =>
	path
		.split(':')
		.filter(folder => folder.startsWith('/'))
		.map(folder => join(folder, name))
		.find(file => {
			try {
				accessSync(file, constants.X_OK);
				return statSync(file).isFile();
			} catch {
				return false;
			}
		});

const member = (role: string, harness: string, count: number): TeamMember => ({role, harness, count, capabilities: [], args: []});

/** The team of a repository without a `team:`: what is installed, and why in one sentence. */
export const fitTeam = (path: string, review: Config['review']): {readonly team: readonly TeamMember[]; readonly note: string} => {
	const found = Object.keys(KNOWN_HARNESSES).filter(name => findProgram(name, path));
	const [first] = found;
	if (first === undefined) {
		const names = Object.keys(KNOWN_HARNESSES).join(', ');
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
