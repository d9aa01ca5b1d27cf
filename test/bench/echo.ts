import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {type BenchTerminal, openBenchTerminal} from './pty.ts';
import {bin, createBenchRepository} from './room.ts';
import {figures, head, line} from './stats.ts';

const KEYS = 300;
const WARM_UP = 30;
/** Echoes what is typed, raw, and says first that it is ready. */
const ECHO = ['sh', '-c', 'stty raw -echo; echo ready; exec cat'];
const CONFIG = `test: "true"\nharnesses:\n  echo: {command: ${JSON.stringify(ECHO)}}\nteam:\n  - {role: developer, harness: echo}\n  - {role: code-sentinel, harness: echo}\n`;
/** Letters that appear nowhere in escape sequences' ends or in the chrome's own changes. */
const LETTERS = ['\u00e4', '\u00f6', '\u00fc', '\u00df', '\u00e9', '\u00e8'];

const typeKeys = async (terminal: BenchTerminal): Promise<number[]> => {
	const samples: number[] = [];
	for (let key = 0; key < KEYS + WARM_UP; key++) {
		const letter = LETTERS[key % LETTERS.length] ?? '\u00e4';
		const seen = terminal.until(letter);
		const start = performance.now();
		terminal.write(letter);
		samples.push((await seen) - start);
		// A person's keys do not come back to back: the next one waits for a turn of the other side's timers.
		await new Promise(resolve => setTimeout(resolve, 12));
	}
	return samples.slice(WARM_UP);
};

const openPane = async (repository: ReturnType<typeof createBenchRepository>): Promise<BenchTerminal> => {
	const terminal = openBenchTerminal([process.execPath, bin], {cwd: repository.folder, env: repository.env});
	const shown = terminal.until('ready');
	repository.run('add', 'echo');
	await shown;
	// The first time a card teaches the way back; its key takes us in.
	const card = terminal.until('Typing into');
	terminal.write('\r');
	await card;
	const typing = terminal.until('TYPING');
	terminal.write('\u001d');
	await typing;
	return terminal;
};

/** Key to echo in a pane through terminal end, socket, room and compositor, beside tmux with the same program in the same run. */
export const benchEcho = async (print: (text: string) => void): Promise<void> => {
	const repository = createBenchRepository(CONFIG);
	const socket = join(repository.folder, '..', 'tmux');
	const tmux = openBenchTerminal(['tmux', '-S', socket, '-f', '/dev/null', 'new-session', ECHO.map(part => `'${part}'`).join(' ')], {
		cwd: repository.folder,
		env: repository.env,
	});
	try {
		await tmux.until('ready');
		const room = await openPane(repository);
		const ours: number[] = [];
		const theirs: number[] = [];
		for (let round = 0; round < 3; round++) {
			theirs.push(...(await typeKeys(tmux)));
			ours.push(...(await typeKeys(room)));
		}
		print(head(`Key to echo in a pane (160x45, ${KEYS * 3} keys each, in turn)`, 'tmux'));
		print(line('tmux', figures(theirs)));
		print(line('agent-room', figures(ours), figures(theirs), {atMost: 2}));
		await room.end();
		repository.run('stop');
	} finally {
		try {
			execFileSync('tmux', ['-S', socket, 'kill-server'], {stdio: 'ignore'});
		} catch {
			// It ended with its session.
		}
		await tmux.end();
		repository.remove();
	}
};
