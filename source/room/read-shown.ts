import type {Reading} from '../core/session.ts';
import type {Cli} from '../harnesses/cli.ts';
import type {HeadlessScreen} from '../terminal/headless-screen.ts';
import type {Attempt} from './attempt.ts';
import {cleanReading} from './clean-reading.ts';
import type {Engine} from './engine.ts';

/** What a screen shows at this moment; undefined where it shows no sign that is known, or is half drawn. Never throws. */
export const readScreen = (cli: Cli, screen: HeadlessScreen): Reading | undefined => {
	if (screen.isUpdating) return undefined;
	try {
		const reading = cli.readScreen(Array.from({length: screen.rows}, (_, row) => screen.textOf(row)));
		return reading && cleanReading(reading);
	} catch {
		return undefined;
	}
};

/** What the pane of an attempt shows at this moment. */
export const readShown = (engine: Engine, {agent, session}: Attempt): Reading | undefined => {
	const screen = engine.panes.get(agent.id)?.screen;
	return session && screen ? readScreen(session.cli, screen) : undefined;
};
