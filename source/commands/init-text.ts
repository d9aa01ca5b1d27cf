import type {TeamMember} from '../core/config.ts';
import type {Guess} from './guess-test.ts';

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
		'# Commands in here run only once a person has trusted this content.',
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
