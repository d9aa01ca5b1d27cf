import {oneLine} from '../text/quote.ts';
import type {TestRun} from './test-run-schema.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The room's own variables: token and socket are secret, the rest is for its program alone. */
const OF_THE_ROOM = /^AGENT_ROOM_(TOKEN|SOCKET|TEST|SETUP|AFFECTED|REDIS|CLONE|REPOSITORY|BASE_ONLY|SANDBOX)/;

/** Exit code of the program `test` if nothing could run, which is the room's fault. */
export const COULD_NOT_RUN = 75;

/** The command has a terminal, and no one sits at it: git and ssh fail at once where they would ask for a password. */
const ASKS_NO_ONE = {GIT_TERMINAL_PROMPT: '0', SSH_ASKPASS: 'false', SSH_ASKPASS_REQUIRE: 'force'} as const;

/** What a command of the owner's tests gets of an environment. */
export const commandEnvironment = (environment: Environment): Record<string, string> => ({
	...ASKS_NO_ONE,
	...Object.fromEntries(
		Object.entries(environment).flatMap(([name, value]) => (value === undefined || OF_THE_ROOM.test(name) ? [] : [[name, value]])),
	),
});

/** How a command ended. `exitCode` is undefined after a signal. */
export type CommandEnd = {readonly exitCode: number | undefined; readonly isTimeout: boolean; readonly ms: number};

/** A shell exits with 137 for a killed command, 127 if it is missing, 126 if not executable. A sandbox exits with a code if a signal ended its command. */
export const asRun = ({exitCode, isTimeout, ms}: CommandEnd): TestRun => {
	const exit = isTimeout && (exitCode ?? 0) > 128 ? -1 : (exitCode ?? -1);
	const isKilled = exitCode === undefined || exit === 137;
	const end = isTimeout ? 'timeout' : isKilled ? 'killed' : exit === 127 || exit === 126 ? 'missing' : 'exit';
	return {exit, ms: Math.round(ms), end};
};

/** The first line of the log names what is tested, on what base and how. */
export const testHead = (environment: Environment): string => {
	const part = (name: string): string => oneLine(environment[name] ?? '').slice(0, 9);
	const on = part('AGENT_ROOM_CANDIDATE_BASE');
	const task = oneLine(environment.AGENT_ROOM_TESTED || environment.AGENT_ROOM_TASK || '', 200) || 'the merge candidate';
	return `Testing ${task} at ${part('AGENT_ROOM_CANDIDATE') || 'HEAD'}${on ? ` on ${on}` : ''}: ${oneLine(environment.AGENT_ROOM_TEST ?? '')}\n`;
};

/** For the program `test`: the room has run the command once itself, and this is how it ended. */
export const RAN = 'AGENT_ROOM_TEST_RAN';

/** The run that the room made itself; undefined for none. */
export const ranBefore = ({[RAN]: text}: Environment): TestRun | undefined => (text ? (JSON.parse(text) as TestRun) : undefined);
