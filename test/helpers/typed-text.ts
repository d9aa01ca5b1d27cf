import {setTimeout as wait} from 'node:timers/promises';
import {expect} from 'vitest';
import {asTypedText, type Cli} from '../../source/harnesses/shared/cli.ts';
import {pasteBytes} from '../../source/terminal/input/bytes.ts';
import type {CliBench} from './cli-process.ts';
import {stolenIn} from './hostile-commands.ts';
import type {ModelServer} from './model-server.ts';
import {until} from './wait.ts';

/** For the script of a model: it answers whatever was handed over. */
export const HEARS = {when: 'LOOK', turns: [{say: 'I heard it.'}]};

const TEXTS = ['!touch stolen-13 LOOK 1', '/help LOOK 2', '#note LOOK 3', '@README.md LOOK 4', '$(touch stolen-14) LOOK 5'];

/** Hands over replies that begin as commands do, as the room does; the model gets each as a text, and none of them is run. */
export const expectArrivesAsText = async (cli: Cli, bench: CliBench, model: ModelServer): Promise<void> => {
	const agent = bench.start();
	const isIdle = (): boolean => agent.shown()?.state === 'idle';
	const screen = (): string => agent.screen.tail(20).join('\n');
	await until(() => model.requests.length > 0 && isIdle(), {timeoutMs: 90_000, what: screen});
	for (const text of TEXTS) {
		const isHeard = (): boolean =>
			model.requests.some(({asked}) => JSON.stringify(asked.entries).includes(JSON.stringify(text).slice(1, -1)));
		agent.type(pasteBytes(asTypedText(cli, text)).toString());
		await wait(cli.paste.gapMs);
		agent.type('\r');
		await until(isHeard, {timeoutMs: 60_000, what: () => `${text}\n${screen()}`});
		await until(isIdle, {timeoutMs: 60_000, what: screen});
	}
	expect(stolenIn(bench.worktree)).toEqual([]);
};
