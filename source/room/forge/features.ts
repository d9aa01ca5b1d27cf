import {featureBody, pullTitle} from '../../core/forge/words.ts';
import type {Feature} from '../../core/plan/feature.ts';
import {type FeatureBranch, featureBranches, gatheredText, isGathered} from '../../core/queue/feature-branch.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {pushBranch} from '../../git/remote/branch.ts';
import {hasRemote, type RemoteStore} from '../../git/store/store.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Room} from '../parts/parts.ts';
import {askForge, forkOf} from './ask.ts';
import {featureBranchOf, isOursOn} from './branch.ts';
import {whyNotAt} from './open.ts';
import {writePull} from './write.ts';

/** A forge or a remote that did not take something is asked again after this, ms. */
const AGAIN_MS = 15_000;

/** Whether all of a feature is on its branch, and nothing else: the record may not hold every task that waits, its counts do. */
export const isWhole = ({members, open, isDropped}: FeatureBranch, feature: Feature | undefined): boolean =>
	!isDropped && open.length === 0 && (feature === undefined || (feature.failed === 0 && feature.open <= members.length));

const wholeTasks = async ({link}: Pick<Room, 'link'>, ids: readonly string[]): Promise<readonly WholeTask[]> =>
	(await Promise.all(ids.map(id => link.coordination.task(id)))).filter(task => task !== undefined);

/** Opens the pull request of a feature, or brings it up to date. Why not, in words; '' if it is done. */
const open = async (room: Room, store: RemoteStore, branch: FeatureBranch, isDraft: boolean): Promise<string> => {
	const {facts} = room;
	const {feature, head, members} = branch;
	const name = featureBranchOf(room, {feature});
	const [first] = members;
	if (!first) return '';
	const pushed = whyNotAt(name, await pushBranch(store, {branch: name, to: head, isOurs: isOursOn(store, first)}));
	if (pushed !== '') return pushed;
	const [plan, tasks] = await Promise.all([
		room.link.coordination.task(feature),
		wholeTasks(
			room,
			members.map(({id}) => id),
		),
	]);
	const opened = await askForge(room, 'open', {
		...{branch: name, base: store.remote.branch, head, isDraft, from: await forkOf(room)},
		title: pullTitle({id: feature, title: plan?.title ?? feature}),
		body: featureBody({feature, description: plan?.description ?? '', tasks, isDraft}, {test: facts.config.test ?? ''}),
	});
	if (!opened.ok) return opened.message;
	const {number, url} = opened.pull;
	const fields = {pullNumber: String(number), pullUrl: url, pullState: 'open', pullDraft: isDraft ? '1' : '', pullBranch: name};
	for (const task of members) {
		const isFirst = task.pull.number === 0 && task === first;
		const text = isFirst ? `pull request #${number} opened for ${feature}` : '';
		const waits: Readonly<Record<string, string>> = isGathered(task) ? {waitReason: `pull request #${number} of ${feature}`} : {};
		await writePull(room, task, {outcome: 'kept', text, fields: {...fields, ...waits}});
	}
	return '';
};

/**
 * Keeps the pull requests of features as the tasks have them: opened once all tasks are on the branch (with `prDraft` as a draft before), and brought up
 * to date with each that joins. For the room that leads; decided from the tasks alone, so that one killed anywhere is followed by the next look.
 */
export const tendFeatures = (room: Room): (() => Promise<void>) => {
	const notBefore = new Map<string, number>();
	return async () => {
		const {facts, record} = room;
		const {store} = facts.guardian;
		const team = record.team();
		if (!hasRemote(store) || team.control.frozen) return;
		for (const branch of featureBranches(team.tasks.values()).values()) {
			const {feature, members, head} = branch;
			const whole = isWhole(branch, team.features.get(feature));
			const isMissing = members.some(({pull}) => pull.number === 0);
			const isDraft = members.some(({pull}) => pull.isDraft);
			const isDue = (whole && (isMissing || isDraft)) || (isMissing && (facts.config.prDraft || members.some(({pull}) => pull.number > 0)));
			const key = `${feature} ${head}`;
			let waitReason = cleanText(gatheredText(branch), 300);
			if (isDue && performance.now() >= (notBefore.get(key) ?? 0)) {
				const refused = await open(room, store, branch, !whole && facts.config.prDraft);
				if (refused === '') continue;
				notBefore.clear();
				notBefore.set(key, performance.now() + AGAIN_MS);
				waitReason = cleanText(`pull request not opened: ${refused}`, 300);
			} else if (isDue) continue;
			for (const task of members)
				if (isGathered(task) && task.pull.number === 0 && task.waitReason !== waitReason)
					await writePull(room, task, {outcome: 'kept', text: '', fields: {waitReason}});
		}
	};
};
