import {spawn} from 'node:child_process';
import type {Readable} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import {reportOfAnswer} from '../../core/protocol/answer.ts';
import type {Reply, Report} from '../../core/protocol/request.ts';
import {STAGES, type Stage} from '../../core/task/task.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Cli, StreamLine} from '../../harnesses/shared/cli.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {callRoom} from '../call-room.ts';
import {createReadingSender, createStreamLines} from './stream.ts';

const WRONG_USAGE = 2;
const NOT_STARTED = 127;
/** Time to read remaining output after the exit, ms. */
const LAST_OUTPUT_MS = 2000;
const REPORT_MS = 10_000;
/** Time limit of the final reports, ms. */
const LAST_WORDS_MS = 15_000;
const LINE_COLUMNS = 2000;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

type Ended = {readonly code: number; readonly signal: NodeJS.Signals | null};

/** The exit status, once output was read; does not wait for children that hold the output open. Undefined if it did not start. */
const endOf = async (child: ReturnType<typeof spawn>): Promise<Ended | undefined> => {
	const {promise: closed, resolve: close} = Promise.withResolvers<void>();
	child.once('close', () => close());
	const ended = await new Promise<Ended | undefined>(resolve => {
		child.once('error', () => child.pid === undefined && resolve(undefined));
		child.once('exit', (code, signal) => resolve({code: code ?? 1, signal}));
	});
	await Promise.race([closed, wait(LAST_OUTPUT_MS, undefined, {ref: false})]);
	return ended;
};

const eachLine = (stream: Readable | null, take: (line: string) => void): void => {
	const lines = createStreamLines();
	stream?.on('data', (chunk: Buffer) => lines.take(chunk).forEach(take));
	stream?.on('end', () => lines.end().forEach(take));
};

/**
 * Parses a line; never throws, since streams change with versions. Other lines, such as why the program did not start, are shown as they
 * are.
 */
const readingOf = (cli: Cli, line: string): StreamLine => {
	const isEvent = line.startsWith('{');
	try {
		const read = cli.readLine(line, new Date());
		return isEvent || read.text !== '' || read.readings.length > 0 ? read : {readings: [], text: line.trim()};
	} catch {
		return {readings: [], text: isEvent ? '' : line.trim()};
	}
};

const stageOf = ({AGENT_ROOM_STAGE: stage}: NodeJS.ProcessEnv): Stage => STAGES.find(known => known === stage) ?? 'develop';

const told = ({ok, message}: Reply): string => (ok ? (message ?? 'submitted') : `not accepted: ${message ?? 'refused'}`);

/**
 * Runs an agent CLI headless: prints its stream for humans and reports readings to the room. Closes its input, forwards signals, and ends
 * like the CLI: same exit code or signal.
 */
export const runHeadless = async ({
	args: [name = '', dashes, program, ...rest],
	environment,
	write,
}: {
	readonly args: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
}): Promise<number> => {
	const cli = Object.values(CLIS).find(known => known.name === name);
	if (!cli || dashes !== '--' || program === undefined) {
		write('Usage: headless CLI -- PROGRAM [ARGUMENT...]\n');
		return WRONG_USAGE;
	}
	const report = (said: Report): Promise<Reply> => callRoom(environment, said, AbortSignal.timeout(REPORT_MS));
	const sender = createReadingSender(readings => report({kind: 'session', readings}));
	/** True after a partial message: the next part continues its line, anything else starts a new one. */
	let isOpen = false;
	const say = (text: string, isPart = false): void => {
		const cleaned = text.split('\n').map(line => cleanText(line, LINE_COLUMNS));
		write(`${isOpen && !isPart ? '\n' : ''}${cleaned.join('\n')}${isPart ? '' : '\n'}`);
		isOpen = isPart;
	};
	let answer: string | undefined;
	const child = spawn(program, rest, {env: environment, stdio: ['ignore', 'pipe', 'pipe']});
	const ended = endOf(child);
	for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
	eachLine(child.stdout, line => {
		const {readings, text, isPart} = readingOf(cli, line);
		if (text !== '') say(text, isPart);
		answer = readings.findLast(reading => reading.answer !== undefined)?.answer ?? answer;
		sender.add(readings);
	});
	eachLine(child.stderr, line => line.trim() !== '' && say(line));
	const end = await ended;
	if (!end) {
		say(`${program} could not be started.`);
		return NOT_STARTED;
	}
	if (isOpen) say('');
	const handIn = async (): Promise<void> => {
		await sender.flush();
		const handedIn = answer === undefined ? undefined : reportOfAnswer(stageOf(environment), answer);
		if (handedIn) say(told(await report(handedIn)));
	};
	await Promise.race([handIn().catch((error: Error) => say(`(${error.message})`)), wait(LAST_WORDS_MS, undefined, {ref: false})]);
	if (end.signal === null) {
		child.stdout.destroy();
		child.stderr.destroy();
		return end.code;
	}
	for (const passed of SIGNALS) process.removeAllListeners(passed);
	process.kill(process.pid, end.signal);
	// A signal that cannot kill this process.
	return 128;
};
