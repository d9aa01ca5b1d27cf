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

/** Node's package managers by their lock file: how each installs without changing it, and how it tests. */
const PACKAGE_MANAGERS = [
	{lock: 'pnpm-lock.yaml', setup: 'pnpm install --frozen-lockfile', test: 'pnpm test'},
	{lock: 'yarn.lock', setup: 'yarn install --frozen-lockfile', test: 'yarn test'},
	{lock: 'bun.lock', setup: 'bun install --frozen-lockfile', test: 'bun run test'},
	{lock: 'package-lock.json', setup: 'npm ci', test: 'npm test'},
	{lock: 'package.json', setup: '', test: 'npm test'},
] as const;

/** `npm init` writes this in place of a test; it always fails. */
const isPlaceholder = (script: unknown): boolean => typeof script !== 'string' || script.includes('no test specified');

/** The test command that a repository's own files suggest, and what its worktrees need before; '' where nothing does. */
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

/** A value as YAML on one line: JSON strings are YAML too. */
const scalar = (text: string): string => (/^[A-Za-z0-9][A-Za-z0-9 ./_-]*$/.test(text) ? text : JSON.stringify(text));

const memberLine = ({role, harness, count}: TeamMember): string =>
	`  - {role: ${role}, harness: ${harness}${count > 1 ? `, count: ${count}` : ''}}`;

const OFFERED_TEAM = [
	'  - {role: developer, harness: mine, count: 2}',
	'  - {role: code-sentinel, harness: mine}',
	'  - {role: orchestrator, harness: mine}',
];

/** The text of a new `agent-room.yaml`: what was found is set, what could be set stands beside it as a comment. */
export const initText = (found: {readonly base: string; readonly guess: Guess; readonly team: readonly TeamMember[]}): string => {
	const {base, guess, team} = found;
	return [
		'# What agent-room may do in this repository. Every key is optional; `agent-room config schema` has them all.',
		'# Nothing in here counts before a person has trusted this content.',
		'',
		`base: ${scalar(base)}  # the branch that receives merges`,
		guess.test
			? `test: ${scalar(guess.test)}  # must pass before the base moves`
			: '# test: npm test  # must pass before the base moves; without it nothing is merged',
		guess.setup ? `setup: ${scalar(guess.setup)}  # run once in every new worktree` : '# setup: npm ci  # run once in every new worktree',
		'# copy: [.env]  # files copied into every new worktree',
		'',
		"plan: ask  # a feature's tasks wait for your word; or auto, or off: a feature is one task",
		'review: required  # or off',
		'# attempts: 3  # then a task is dead until you requeue it',
		'# timeout: 60m  # for one attempt',
		'',
		...(team.length > 0
			? ['team:', ...team.map(memberLine)]
			: ['# No agent program was found on the PATH. A team of your own:', '# team:', ...OFFERED_TEAM.map(line => `# ${line}`)]),
		'',
		'# An agent is any command; it finds its brief in AGENT_ROOM_BRIEF_FILE and is done when it exits with 0.',
		'# harnesses:',
		'#   mine: {command: [./my-agent, --brief, "{briefFile}"], finish: exit}',
		'',
	].join('\n');
};

/** `agent-room init`: writes a commented `agent-room.yaml` that fits the repository and trusts it. Never overwrites one. */
export const init: RunCommand = async invocation => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const path = join(place.repository.root, 'agent-room.yaml');
	const guess = guessTest(place.repository.root);
	const {team} = fitTeam(invocation.environment.PATH ?? '', 'required');
	const text = initText({base: await resolveBase(repository), guess, team});
	try {
		writeFileSync(path, text, {flag: 'wx'});
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		throw new CommandError('exists', `\`${path}\` is there already.`, '`agent-room config print` shows what it means.');
	}
	const written = readConfigFile(path, place.repository.root);
	if (written) trustContent(place.stateFolder, written.content);
	if (isSet(invocation, 'json')) invocation.print(plainJson({path, test: guess.test, setup: guess.setup, team}));
	else {
		invocation.print(`Wrote ${path}.`);
		invocation.print(
			guess.test ? `Test command: ${guess.test}` : 'No test command was found: set `test:` there, or nothing will be merged.',
		);
		if (team.length === 0) invocation.print('No agent program was found on the PATH: name yours under `team:` and `harnesses:` there.');
	}
	return EXIT.ok;
};
