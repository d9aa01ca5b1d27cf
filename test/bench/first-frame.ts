import {openBenchTerminal} from './pty.ts';
import {bin, createBenchRepository} from './room.ts';
import {figures, head, line, verdict} from './stats.ts';

const COLD_ROUNDS = 8;
const WARM_ROUNDS = 15;
const CONFIG =
	'test: "true"\nharnesses:\n  quiet: {command: [sleep, "600"]}\nteam:\n  - {role: developer, harness: quiet, count: 4}\n  - {role: code-sentinel, harness: quiet}\n';
/** What the footer of the first full frame says. */
const FRAME = 'ROOM';

/** From the shell to the first full frame: with room and Redis starting, and with the room running; beside Node alone. */
export const benchFirstFrame = async (print: (text: string) => void): Promise<void> => {
	const repository = createBenchRepository(CONFIG);
	const cold: number[] = [];
	const warm: number[] = [];
	const bare: number[] = [];
	const oneShot: number[] = [];
	const open = async (samples: number[], command: readonly string[], text: string): Promise<void> => {
		const start = performance.now();
		const terminal = openBenchTerminal(command, {cwd: repository.folder, env: repository.env});
		samples.push((await terminal.until(text)) - start);
		await terminal.end();
	};
	try {
		for (let round = 0; round < COLD_ROUNDS; round++) {
			await open(cold, [process.execPath, bin], FRAME);
			repository.run('stop');
		}
		await open([], [process.execPath, bin], FRAME);
		for (let round = 0; round < WARM_ROUNDS; round++) {
			await open(bare, [process.execPath, '-e', 'console.log("R" + "OOM")'], FRAME);
			await open(warm, [process.execPath, bin], FRAME);
			const start = performance.now();
			repository.run('pause', 'dev-1');
			oneShot.push(performance.now() - start);
		}
		repository.run('stop');
		print(head('From the shell to the first frame (160x45)', 'Node printing one line'));
		print(line('Node printing one line', figures(bare)));
		const row = (name: string, samples: readonly number[], atMost: number): void => {
			const own = figures(samples);
			print(`${line(name, own, figures(bare))}   ${verdict(own.p50, {atMost, unit: ' ms'})}`);
		};
		row('agent-room, the room running', warm, 100);
		row('agent-room, room and Redis starting', cold, 400);
		row('a one-shot command through the socket', oneShot, 80);
	} finally {
		repository.remove();
	}
};
