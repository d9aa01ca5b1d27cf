import type {EventLine} from '../../source/core/protocol/output-schema.ts';
import type {CliStory} from './cli.ts';
import type {TestTerminal} from './screen.ts';
import {roomLog} from './survival.ts';
import {until} from './wait.ts';

/** All that was told of the room, oldest first. */
export const eventsOf = async (story: CliStory): Promise<readonly EventLine[]> =>
	(await story.must('events', '--json'))
		.split('\n')
		.filter(Boolean)
		.map(line => JSON.parse(line) as EventLine);

/** What a failing test needs to know: the screen, what the model was asked last, what it could not do, and the log of the room. */
export const problem = (story: CliStory, terminal?: TestTerminal): string => {
	const last = story.model.requests
		.slice(-12)
		.map(({asked, steps}) => `${asked.api} ${asked.entries.length} ${JSON.stringify(steps).slice(0, 200)}`);
	return [terminal?.text() ?? '', ...last, ...story.model.problems, roomLog(story)].join('\n');
};

/** Waits until every one of these tasks is merged. */
export const merged = (story: CliStory, ids: readonly string[], terminal?: TestTerminal, timeoutMs = 60_000): Promise<unknown> =>
	until(
		async () => {
			const {tasks} = await story.status();
			return ids.every(id => tasks.find(task => task.id === id)?.state === 'merged');
		},
		{timeoutMs, everyMs: 250, what: () => `${ids.join(', ')} to be merged\n${problem(story, terminal)}`},
	);

/** Who took the task up, stage by stage, `dev develop`: an attempt that was burnt shows as one more. */
export const takenBy = (events: readonly EventLine[], id: string): readonly string[] =>
	events
		.filter(({type, task}) => type === 'task_claimed' && task === id)
		.map(({agent, text}) => `${agent.split(':')[1]} ${text.split(/[\s,]/)[0]}`);

/**
 * Presses a key of a card until it counts: one that comes before the card stood painted is dropped on purpose, and a digit that counts stays in
 * the reply for a moment. When it was pressed last.
 */
export const pressOnCard = async (terminal: TestTerminal, key: string, shown: string): Promise<number> => {
	await terminal.waitFor(shown);
	let pressedAt = performance.now();
	const isGone = (): boolean => {
		if (!terminal.text().includes(shown)) return true;
		if (terminal.text().includes(`› ${key}`)) return false;
		pressedAt = performance.now();
		terminal.press(key);
		return false;
	};
	await until(isGone, {everyMs: 300, what: () => `the card to take ${key}\n${terminal.text()}`});
	return pressedAt;
};
