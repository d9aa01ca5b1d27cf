import {basename} from 'node:path';
import type {NewTask} from '../core/action.ts';
import {submissionRules} from '../core/config.ts';
import type {Submission} from '../core/coordination.ts';
import {notSubmitted, readSubmission} from '../core/submission.ts';
import {roomPrefix} from '../room/recover.ts';
import {CommandError} from './command-error.ts';
import type {Borrowed} from './without-room.ts';

/** Puts tasks into the queue of a repository whose room does not run: all of them, or none where one is refused. */
export const addWithoutRoom =
	(tasks: readonly NewTask[]) =>
	async ({coordination, configuration, place}: Borrowed): Promise<readonly string[]> => {
		const submissions = tasks.map((task): Submission => {
			const read = readSubmission(task, submissionRules(configuration.config));
			if (!read.ok) throw new CommandError(read.code, read.message, read.hint);
			return read.submission;
		});
		// Agents of a room that was killed just now still wait: whatever they were handed would lie there until the room is started again.
		const {team} = await coordination.snapshot();
		const prefix = roomPrefix(basename(place.stateFolder));
		await coordination.withdraw([...team.agents.values()].filter(({room}) => room.startsWith(prefix)).map(({id}) => id));
		const result = await coordination.submitAll(submissions);
		if (result.code === 'ok') return result.ids;
		const {code, message, hint} = notSubmitted(result.code, result.id);
		throw new CommandError(code, message, hint);
	};
