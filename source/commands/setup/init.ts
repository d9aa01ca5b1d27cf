import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TeamMember} from '../../core/config/config.ts';
import {openRepository, resolveBase} from '../../git/repository/repository.ts';
import {codeOf} from '../../os/error-code.ts';
import {readConfigFile} from '../config/file.ts';
import {findPlace} from '../config/place.ts';
import {takeUpConfig} from '../config/take-up.ts';
import {fitTeam} from '../config/team.ts';
import {trustContent} from '../config/trust.ts';
import {CommandError, EXIT, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson} from '../parse/print.ts';
import {type Guess, guessOf} from './ecosystems.ts';

/** The test command and worktree setup that the repository's files suggest; '' for none. */
export const guessTest = (root: string): Guess =>
	guessOf({
		names: new Set(readdirSync(root)),
		read: name => {
			try {
				return readFileSync(join(root, name), 'utf8');
			} catch {
				return '';
			}
		},
	});

/** A value as YAML on one line: JSON strings are valid YAML. */
const scalar = (text: string): string => (/^[A-Za-z0-9][A-Za-z0-9 ./_-]*$/.test(text) ? text : JSON.stringify(text));

const memberLine = ({role, harness, count}: TeamMember): string =>
	`  - {role: ${role}, harness: ${harness}${count !== 1 ? `, count: ${count}` : ''}}`;

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
	const taken = await takeUpConfig(invocation, place);
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
		for (const line of taken) invocation.print(line);
	}
	return EXIT.ok;
};
