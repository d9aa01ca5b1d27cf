import type {NewTask} from '../core/action.ts';
import {readSubmission} from '../core/submission.ts';
import {CommandError} from './command-error.ts';
import type {Borrowed} from './without-room.ts';

/** Puts tasks into the queue of a repository whose room does not run; a name that is taken is refused before the first goes in. */
export const addWithoutRoom =
	(tasks: readonly NewTask[]) =>
	async ({coordination, configuration}: Borrowed): Promise<readonly string[]> => {
		const {team} = await coordination.snapshot();
		const taken = tasks.find(task => task.id !== undefined && team.tasks.has(task.id));
		if (taken) throw new CommandError('exists', `There is a task \`${taken.id}\` already.`, 'Give another id, or none.');
		const ids: string[] = [];
		for (const task of tasks) {
			const read = readSubmission(task, configuration.config);
			if (!read.ok) throw new CommandError(read.code, read.message, read.hint);
			const {code, id} = await coordination.submit(read.submission);
			if (code === 'ok') {
				ids.push(id);
				continue;
			}
			const before = ids.length > 0 ? ` ${ids.join(', ')} went in before it.` : '';
			throw code === 'exists'
				? new CommandError('exists', `There is a task \`${id}\` already.${before}`, 'Give another id, or none.')
				: new CommandError('unknown', `It waits for \`${id}\`, which does not exist.${before}`, '`agent-room tasks` lists what there is.');
		}
		return ids;
	};
