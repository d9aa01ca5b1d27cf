import {isPipeline} from '../../core/change/change.ts';
import {pullBody, pullTitle} from '../../core/forge/words.ts';
import type {Task} from '../../core/task/task.ts';
import {searchCommits} from '../../git/diff/commit-secrets.ts';
import {changedPathsBetween} from '../../git/diff/paths.ts';
import {gitLine} from '../../git/process/run.ts';
import {pushBranch} from '../../git/remote/branch.ts';
import {hasRemote, type RemoteStore} from '../../git/store/store.ts';
import {lastTaken} from '../../git/worktree/tree.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {gathers} from '../parts/remote.ts';
import {askForge, forkOf} from './ask.ts';
import {branchOf, isOursOn} from './branch.ts';

/** Commits of this time are pushed together, ms; and the rest after a draft that could not be opened. */
const GATHER_MS = 60_000;
const REST_MS = 300_000;

const BANNER = 'draft';

/** The commit of a running attempt that its draft lacks; '' for none. As the room last took it from the worktree. */
const newHead = (store: RemoteStore, {workspace}: Attempt, task: Task): string => {
	const head = lastTaken(store, workspace.folder);
	return head === task.base || head === task.pull.head ? '' : head;
};

/** Whether its commits may leave before a human or a review has seen them: none looks like a secret, and none changes what a forge runs. */
const mayLeave = async ({facts}: Pick<Room, 'facts'>, head: string): Promise<boolean> => {
	const {folder} = facts.guardian;
	const base = await facts.guardian.baseHead();
	if (facts.config.requireApproval.includes('secrets')) {
		const found = await searchCommits({folder, to: head, without: [base], allowed: facts.config.secretAllowlist, most: 1});
		if (found.secrets.length + found.unsearched.length > 0) return false;
	}
	const from = await gitLine(folder, ['merge-base', '--end-of-options', base, head]);
	return !(await changedPathsBetween({folder, from, to: head})).some(isPipeline);
};

/**
 * Shows an unfinished task as a draft: its branch is pushed, and the request opened once. Guarantees: what looks like a secret, and CI files, stay
 * here until their approval; a draft is looked up before it is made, so there is one wherever this was killed; a request that is ready takes no
 * commit that nobody has reviewed. Undefined if it is done or has to wait, else why not.
 */
const draft = async (room: Room, attempt: Attempt, task: Task, head: string): Promise<string | undefined> => {
	const {facts, link} = room;
	const {store} = facts.guardian;
	if (!hasRemote(store) || !(await mayLeave(room, head))) return undefined;
	const held = {agent: attempt.agent.id, task: task.id, token: attempt.token};
	if ((await link.coordination.renew(held, facts.config.lease)) !== 'ok') return undefined;
	const branch = branchOf(room, task);
	const pushed = await pushBranch(store, {branch, to: head, isOurs: isOursOn(store, task)});
	if (pushed.kind !== 'done') return pushed.kind === 'foreign' ? `${branch} holds a commit of somebody else` : pushed.reason;
	if (task.pull.number > 0) {
		await link.coordination.progress(held, {pullHead: head}, '');
		return undefined;
	}
	const whole = await link.coordination.task(task.id);
	if (!whole) return undefined;
	const opened = await askForge(room, 'open', {
		...{branch, base: store.remote.branch, head, isDraft: true, from: await forkOf(room)},
		...{title: pullTitle(whole), body: pullBody(whole, 'draft')},
	});
	if (!opened.ok) return opened.message;
	const {number, url} = opened.pull;
	const fields = {pullNumber: String(number), pullUrl: url, pullState: 'open', pullDraft: '1', pullBranch: branch, pullHead: head};
	await link.coordination.progress(held, fields, `draft pull request #${number} opened`);
	return undefined;
};

/** Opens and updates drafts of the tasks that agents of this room work on; each room does so for its own. */
export const watchDrafts = (room: Room): (() => Promise<void>) => {
	const notBefore = new Map<string, number>();
	let isLooking = false;
	const look = async (): Promise<void> => {
		const {facts, link, record, slots} = room;
		const {store} = facts.guardian;
		const {tasks, control} = record.team();
		if (!facts.config.prDraft || !hasRemote(store) || !link.isConnected() || link.isRecovering() || control.frozen) return;
		for (const id of notBefore.keys()) if (!tasks.has(id)) notBefore.delete(id);
		for (const attempt of slots.attempts()) {
			const task = tasks.get(attempt.task.id);
			const isWriting = task?.token === attempt.token && attempt.workspace.branch !== '' && WRITING_STAGES.includes(task.stage);
			if (
				!isWriting ||
				gathers(room, task) ||
				(task.pull.number > 0 && !task.pull.isDraft) ||
				performance.now() < (notBefore.get(task.id) ?? 0)
			)
				continue;
			const head = newHead(store, attempt, task);
			if (head === '') continue;
			const refused = await draft(room, attempt, task, head);
			notBefore.set(task.id, performance.now() + (refused === undefined ? GATHER_MS : REST_MS));
			const text = cleanText(`No draft pull request for ${task.id}: ${refused}.`, 300);
			record.setBanner(BANNER, refused === undefined ? undefined : {severity: 'warning', text});
		}
	};
	return async () => {
		if (isLooking) return;
		isLooking = true;
		await look().finally(() => {
			isLooking = false;
		});
	};
};
