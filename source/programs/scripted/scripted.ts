import {readFile} from 'node:fs/promises';
import {oneLine} from '../call-room.ts';
import {performSteps} from './perform.ts';
import type {Script, Step} from './script.ts';
import {chooseSteps, readSituation} from './situation.ts';
import {AgentEnds, createRoomLine} from './steps.ts';
import {createAgentTerminal} from './terminal.ts';
import {readDiff} from './worktree.ts';

/** Exit codes after an interrupt or SIGTERM: never 0, which would submit its work. */
const INTERRUPTED = 130;
const TERMINATED = 143;

const loadScript = async (args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Script | undefined> => {
	const flag = args.indexOf('--script');
	const file = flag >= 0 ? args[flag + 1] : environment.AGENT_ROOM_SCRIPT;
	// Loads the schema only for agents with a script.
	return file ? (await import('./script.ts')).readScript(file) : undefined;
};

/**
 * The scripted agent: a real program that acts like an agent CLI from a script, without network, key or cost.
 * Ctrl-c interrupts its turn, which the next line or Enter resumes; a second exits with 130. SIGTERM exits with 143. Otherwise the script
 * decides; 0 after its last step.
 */
export const runScripted = async ({
	args,
	environment,
}: {
	readonly args: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
}): Promise<number> => {
	const terminal = createAgentTerminal(process.stdin, process.stdout);
	const room = createRoomLine(environment, terminal.say);
	let turn = new AbortController();
	let isInterrupted = false;
	let isDeaf = false;
	let wakeUp: (() => void) | undefined;
	const ended = new Promise<number>(resolve => {
		const onInterrupt = (): void => {
			if (isInterrupted || !process.stdin.isTTY) {
				resolve(INTERRUPTED);
				return;
			}
			isInterrupted = true;
			turn.abort(new Error('interrupted'));
		};
		terminal.onInterrupt(onInterrupt);
		process.on('SIGINT', onInterrupt);
		for (const signal of ['SIGTERM', 'SIGHUP'] as const)
			process.on(signal, () => {
				if (!isDeaf) resolve(TERMINATED);
			});
	});
	terminal.onLine(() => wakeUp?.());

	/** One run of the whole script; an interrupted step is done again by the next run. */
	const work = async (): Promise<number> => {
		const prompt = environment.AGENT_ROOM_BRIEF_FILE ? await readFile(environment.AGENT_ROOM_BRIEF_FILE, 'utf8').catch(() => '') : '';
		const situation = readSituation(environment, prompt, process.cwd());
		const steps = await chooseSteps(await loadScript(args, environment), situation, () => readDiff(situation));
		terminal.say(`✻ scripted agent · ${oneLine(situation.role)} · ${oneLine(situation.task)} · attempt ${situation.attempt}`);
		terminal.say(`› ${oneLine(situation.title)}`);
		const context = {situation, terminal, room, signal: turn.signal, goDeaf: () => (isDeaf = true)};
		let left: readonly Step[] = steps;
		while (left.length > 0) {
			try {
				await performSteps(left.slice(0, 1), {...context, signal: turn.signal});
				left = left.slice(1);
			} catch (error) {
				if (!turn.signal.aborted) throw error;
				terminal.say('⎿ Interrupted · type a line to continue, ctrl-c again to exit');
				await new Promise<void>(resolve => {
					wakeUp = resolve;
				});
				isInterrupted = false;
				turn = new AbortController();
			}
		}
		return 0;
	};

	const code = await Promise.race([
		work().catch((error: unknown) => {
			const message = error instanceof Error ? error.message : String(error);
			if (message !== '') terminal.say(`✗ ${message}`);
			return error instanceof AgentEnds ? error.exitCode : 1;
		}),
		ended,
	]);
	if (code === TERMINATED) terminal.say('Stopped on request.');
	turn.abort(new Error('ended'));
	terminal.close();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal);
	// A child or timer of an abandoned step must not hold the pane open; flushes output first.
	await new Promise<void>(resolve => process.stdout.write('', () => resolve()));
	process.exit(code);
};
