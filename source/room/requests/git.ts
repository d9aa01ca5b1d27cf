import type {Reply, Report} from '../../core/protocol/request.ts';
import {plainText} from '../../core/text/quote.ts';
import {lookAt} from '../../git/diff/look.ts';
import {agentAsPerson} from '../../git/process/names.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {commitWork} from '../../git/worktree/commit.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {refuse} from '../parts/replies.ts';

/** A refusal of git as a reply; other errors are faults. */
const asRefusal = (error: unknown): Reply => {
	if (!(error instanceof GitRefused)) throw error;
	return refuse(error.code, error.message, error.hint);
};

const said = (text: string): Reply => ({ok: true, code: 'ok', message: plainText(text)});

/**
 * Git for agents: the room reads for them, so that no permission rule of a CLI must allow a program whose options write files or run commands (`git
 * grep -O`, `git log --output`).
 */
export const readGit = async (
	{facts}: Pick<Room, 'facts'>,
	{workspace: place}: Pick<Attempt, 'workspace'>,
	report: Extract<Report, {kind: 'diff' | 'log' | 'show'}>,
): Promise<Reply> => lookAt({store: facts.guardian.store, folder: place.folder}, facts.base, report).then(said, asRefusal);

/** Commits for an author, only onto the branch of its attempt. */
export const commit = async (
	{facts}: Pick<Room, 'facts'>,
	{agent, workspace: place, task}: Pick<Attempt, 'agent' | 'workspace' | 'task'>,
	{text, paths}: Extract<Report, {kind: 'commit'}>,
): Promise<Reply> => {
	if (!agent.writes) return refuse('refused', 'Your role cannot commit.', 'Say what to change; the author does it.');
	try {
		const author = agentAsPerson(agent.id);
		const made = await commitWork({store: facts.guardian.store, worktree: place.folder, message: plainText(text, 20_000), paths, author});
		facts.log(`${agent.id} committed ${made.commit.slice(0, 7)} for ${task.id}`);
		return said(`Committed ${made.files} ${made.files === 1 ? 'file' : 'files'} as ${made.commit.slice(0, 7)} on ${place.branch}.`);
	} catch (error) {
		return asRefusal(error);
	}
};
