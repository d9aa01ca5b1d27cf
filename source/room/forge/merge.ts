import type {ForgePull} from '../../core/forge/protocol.ts';
import {deciding} from '../../core/task/pull.ts';
import {nextRole} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {Room} from '../parts/parts.ts';
import {askForge} from './ask.ts';

/**
 * Merges a pull request on its forge, as wished. Where the forge requires checks, it guards its base itself. Without, guarantee: it is merged only
 * while its head is the tested commit, and the base is the one that it was tested with; on another base the task is tested again first.
 * `asked`: the forge merges it; `refused` with its words; `no`: not now, or the task is tested first.
 */
export const mergePull = async (
	room: Room,
	task: Task,
	now: ForgePull,
): Promise<{readonly kind: 'asked' | 'no'} | {readonly kind: 'refused'; readonly why: string}> => {
	const {facts, link, lead} = room;
	const {pull} = task;
	if (now.state !== 'open' || now.head !== pull.head || task.commit !== pull.head) return {kind: 'no'};
	const isRequired = deciding(now.checks).some(check => check.isRequired);
	if (!isRequired) {
		const fetched = await facts.guardian.fetchBase();
		if (fetched.kind !== 'at') return {kind: 'no'};
		const base = fetched.head;
		if (task.candidateBase !== base) {
			const text = `${facts.base} has moved to ${base.slice(0, 7)}: tested again before the merge`;
			const change = {
				task: task.id,
				head: pull.head,
				outcome: 'test',
				role: nextRole('test', task),
				mergedCommit: '',
				text,
				fields: {},
			} as const;
			await link.retryUntilWritten(() => lead.as(() => link.coordination.pullRequest(change)));
			return {kind: 'no'};
		}
	}
	const asked = await askForge(room, 'merge', {number: pull.number, head: pull.head, method: facts.config.prMethod});
	return asked.ok ? {kind: 'asked'} : {kind: 'refused', why: asked.message};
};
