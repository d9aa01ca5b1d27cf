import {featureHead, gatheredText, othersToCome} from '../../core/queue/feature-branch.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {pushBranch} from '../../git/remote/branch.ts';
import {hasRemote} from '../../git/store/store.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';
import {featureBranchOf, isOursOn} from './branch.ts';
import {notOpened, whyNotAt, whyNotPushed} from './open.ts';

/**
 * A tested task joins the branch of its feature, which becomes one pull request. Guarantees: exactly the candidate that was tested with all that is on
 * the branch is pushed, and Redis moves the branch only from the commit on which it was built; killed between both, the same push follows again.
 */
export const gather = async (
	room: Room,
	tested: {readonly task: WholeTask; readonly token: string; readonly agent: PlannedAgent},
): Promise<NothingToRun> => {
	const {facts, record} = room;
	const {task} = tested;
	const {store} = facts.guardian;
	const wait = (why: string): NothingToRun => notOpened(room, task.id, why);
	if (!hasRemote(store)) return wait('merges go to no remote');
	const early = await whyNotPushed(room, tested);
	if (early !== '') return wait(early);
	const head = featureHead(record.team().tasks.values(), task);
	if (head !== '' && !(await hasDescended(facts.guardian.folder, task.candidate, head).catch(() => false)))
		return wait(`the branch of ${task.feature} has moved: tested again first`);
	const branch = featureBranchOf(room, task);
	const pushed = whyNotAt(branch, await pushBranch(store, {branch, to: task.candidate, isOurs: isOursOn(store, task)}));
	if (pushed !== '') return wait(pushed);
	room.merges.mergeBackoff.delete(task.id);
	return {
		outcome: 'held',
		decision: 'pull',
		text: cleanText(gatheredText({feature: task.feature, open: othersToCome(record.team().tasks.values(), task)}), 300),
		commit: '',
		fields: {
			...{candidate: task.candidate, candidateBase: task.candidateBase, pullOf: 'feature', pullBranch: branch, pullHead: task.candidate},
			...{pullChecks: '', pullUpdatedAt: '', ...(task.commit === head ? {} : {pullWanted: ''})},
		},
	};
};
