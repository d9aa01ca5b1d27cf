import {areInTheWay} from '../../git/guardian/move-base.ts';
import {readBranch} from '../../git/repository/repository.ts';
import type {Room} from '../parts/parts.ts';
import {baseName} from '../parts/remote.ts';
import {isBaseJudged} from './base.ts';

/** What keeps the user's branch from following, other than their files, is retried after this, ms. */
const AGAIN_MS = 30_000;

const BEHIND = 'behind-remote';

/**
 * Lets the user's branch follow the remote's, once it is known whose work that holds. An obstacle is shown while it lasts; nothing else waits for
 * that branch.
 */
export const followBase = async (room: Pick<Room, 'facts' | 'record' | 'merges'>): Promise<void> => {
	const {facts, record, merges} = room;
	const {guardian, repository, base} = facts;
	if (!guardian.store.remote || !isBaseJudged(room)) return;
	const to = merges.moves.head;
	const here = await readBranch(repository, base);
	if (here === to) {
		merges.remote.left = undefined;
		record.setBanner(BEHIND, undefined);
		return;
	}
	const step = `${here} ${to}`;
	const {left} = merges.remote;
	if (left?.step === step) {
		const waits = left.files.length > 0 ? await areInTheWay(repository, base, left.files) : performance.now() - left.at < AGAIN_MS;
		if (waits) return;
	}
	const followed = await guardian.followRemote(to);
	if (followed.kind === 'there' || followed.kind === 'moved') return followBase(room);
	merges.remote.left = {step, files: followed.kind === 'blocked' ? followed.files : [], at: performance.now()};
	const text =
		followed.kind === 'blocked'
			? `Your ${base} is behind ${baseName(room)}: ${followed.reason}.`
			: `Your ${base} has ${followed.commits === 1 ? 'a commit' : `${followed.commits} commits`} that ${baseName(room)} lacks: push or rebase. agent-room works on ${baseName(room)}.`;
	record.setBanner(BEHIND, {severity: 'warning', text});
};
