import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TeamMember} from '../../core/config/config.ts';
import {openRepository, resolveBase} from '../../git/repository/repository.ts';
import {codeOf} from '../../os/error-code.ts';
import {readConfigFile} from '../config/file.ts';
import {findPlace} from '../config/place.ts';
import {fitTeam} from '../config/team.ts';
import {trustContent} from '../config/trust.ts';
import {CommandError, EXIT, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson} from '../parse/print.ts';

type Guess = {readonly test: string; readonly setup: string};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

const packageScripts = (root: string): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(read(join(root, 'package.json')));
		const scripts = typeof value === 'object' && value && 'scripts' in value ? value.scripts : undefined;
		return typeof scripts === 'object' && scripts ? {...scripts} : {};
	} catch {
		return {};
	}
};

/** Node's package managers by lock file: frozen install and test commands. */
const PACKAGE_MANAGERS = [
	{lock: 'pnpm-lock.yaml', setup: 'pnpm install --frozen-lockfile', test: 'pnpm test'},
	{lock: 'yarn.lock', setup: 'yarn install --frozen-lockfile', test: 'yarn test'},
	{lock: 'bun.lock', setup: 'bun install --frozen-lockfile', test: 'bun run test'},
	{lock: 'package-lock.json', setup: 'npm ci', test: 'npm test'},
	{lock: 'package.json', setup: '', test: 'npm test'},
] as const;

/** `npm init`'s placeholder, which always fails. */
const isPlaceholder = (script: unknown): boolean => typeof script !== 'string' || script.includes('no test specified');

/** The test command and worktree setup that the repository's files suggest; '' for none. */
export const guessTest = (root: string): Guess => {
	const has = (name: string): boolean => existsSync(join(root, name));
	if (has('package.json') && !isPlaceholder(packageScripts(root).test)) {
		const manager = PACKAGE_MANAGERS.find(candidate => has(candidate.lock));
		if (manager) return {test: manager.test, setup: manager.setup};
	}
	if (/^(?:test|check)\s*:/m.test(read(join(root, 'Makefile')))) {
		return {test: /^test\s*:/m.test(read(join(root, 'Makefile'))) ? 'make test' : 'make check', setup: ''};
	}
	if (has('Cargo.toml')) return {test: 'cargo test', setup: ''};
	if (has('go.mod')) return {test: 'go test ./...', setup: ''};
	if (has('pytest.ini') || has('tox.ini') || has('conftest.py') || /pytest/.test(read(join(root, 'pyproject.toml')))) {
		return {test: 'python3 -m pytest', setup: ''};
	}
	return {test: '', setup: ''};
};

/** A value as YAML on one line: JSON strings are valid YAML. */
const scalar = (text: string): string => (/^[A-Za-z0-9][A-Za-z0-9 ./_-]*$/.test(text) ? text : JSON.stringify(text));

const memberLine = ({role, harness, count}: TeamMember): string =>
	`  - {role: ${role}, harness: ${harness}${count > 1 ? `, count: ${count}` : ''}}`;

const OFFERED_TEAM = [
	'  - {role: developer, harness: mine, count: 2}',
	'  - {role: code-sentinel, harness: mine}',
	'  - {role: orchestrator, harness: mine}',
];

/** The text of a new `agent-room.yaml`: detected values set, options as comments. */
export const initText = (found: {readonly base: string; readonly guess: Guess; readonly team: readonly TeamMember[]}): string => {
	const {base, guess, team} = found;
	return [
		'# Configuration of agent-room. Every key is optional; `agent-room help configuration` explains them all.',
		'# After a change: `agent-room config trust`. Nothing here takes effect until you trust this version.',
		'',
		`base: ${scalar(base)}  # the branch that receives merges`,
		guess.test
			? `test: ${scalar(guess.test)}  # must pass on every merge candidate`
			: '# test: npm test  # must pass on every merge candidate; without it nothing merges',
		guess.setup ? `setup: ${scalar(guess.setup)}  # run once in every new worktree` : '# setup: npm ci  # run once in every new worktree',
		'# copyFiles: [.env]  # files copied into every new worktree',
		'',
		'plan: ask  # a plan needs your approval; or auto, or off: a feature is one task',
		'review: required  # or off',
		'# attempts: 3  # failed attempts until the task fails',
		'# timeout: 60m  # per attempt',
		'',
		...(team.length > 0
			? ['team:', ...team.map(memberLine)]
			: [
					'# No agent CLI was found on your PATH. To use a custom command as the agent, remove the `# ` of team and harnesses:',
					'# team:',
					...OFFERED_TEAM.map(line => `# ${line}`),
				]),
		'',
		'# Any command can be an agent. Its prompt is in AGENT_ROOM_BRIEF_FILE, and exit 0 means done. Commit the command: agents work in worktrees.',
		'# harnesses:',
		'#   mine: {command: [./my-agent, --brief, "{briefFile}"], finish: exit}',
		'',
	].join('\n');
};

/** `agent-room init`: writes a commented `agent-room.yaml` for the repository and trusts it. Never overwrites one. */
export const init: RunCommand = async invocation => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const path = join(place.repository.root, 'agent-room.yaml');
	const guess = guessTest(place.repository.root);
	const {team, words, note} = fitTeam(invocation.environment.PATH ?? '', 'required');
	const text = initText({base: await resolveBase(repository), guess, team});
	try {
		writeFileSync(path, text, {flag: 'wx'});
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		throw new CommandError('exists', `\`${path}\` already exists.`, 'Edit it, then check it with `agent-room doctor`.');
	}
	const written = readConfigFile(path, place.repository.root);
	if (written) trustContent(place.stateFolder, written.content);
	if (isSet(invocation, 'json')) invocation.print(plainJson({path, test: guess.test, setup: guess.setup, team}));
	else {
		invocation.print(`Wrote ${path}.`);
		invocation.print(guess.test ? `Test command: ${guess.test}` : 'No test command was found.');
		invocation.print(words === '' ? note : `Team: ${words}`);
		const missing = [...(guess.test ? [] : ['`test:`']), ...(words === '' ? ['`team:` and `harnesses:`'] : [])];
		invocation.print(
			missing.length > 0
				? `Next: set ${missing.join(', ')} in agent-room.yaml (see \`agent-room help quickstart\`), then run \`agent-room doctor --trust\`.`
				: 'Next: add a task with `agent-room add "TITLE"`.',
		);
	}
	return EXIT.ok;
};
