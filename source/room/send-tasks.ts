import {type TasksPage, taskLine} from '../core/output.ts';
import type {Reply} from '../core/protocol.ts';
import type {Engine} from './engine.ts';

/** Tasks a line of the answer: some hundred KB, far below what a line may have. */
const TASKS_A_LINE = 200;

/** Every task there is, page by page; one that moves meanwhile may come twice. Ends early for who hung up. */
export const sendTasks = async (engine: Engine, reply: (reply: Reply) => void, isGone: () => boolean): Promise<void> => {
	let cursor = '';
	do {
		const page = await engine.coordination.list(cursor, TASKS_A_LINE);
		const team = engine.state.team();
		const room = {hasTestCommand: engine.config.test !== undefined};
		const data: TasksPage = {at: page.now, tasks: page.tasks.map(task => taskLine(task, team, page.now, room))};
		reply({ok: true, code: 'ok', data, last: false});
		({cursor} = page);
	} while (cursor !== '' && !isGone());
	reply({ok: true, code: 'end'});
};
