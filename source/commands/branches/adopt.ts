import {createInterface} from 'node:readline/promises';
import type {NewTask} from '../../core/intake/new-task.ts';
import {readSubmission} from '../../core/intake/submission.ts';
import {counted, formatAge} from '../../core/text/format.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {importCommits} from '../../git/store/import.ts';
import {type Start, startOfBranch, startOfCheckout, stashCheckout} from '../../git/worktree/adopt.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import {isOpen} from '../../os/open-file.ts';
import {startTimeOf} from '../../os/process-identity.ts';
import {pidOf, sessionsOf, type UserSession} from '../../room/prepare/sessions.ts';
import {send} from '../add/add.ts';
import {findPlace, findRepository} from '../config/place.ts';
import {CommandError, EXIT, type Invocation, isSet, notReady, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {storeOf} from './checkout.ts';
import {keepExport, listedSessions} from './exported-sessions.ts';

/** A session of this repository, and whether its program still runs. */
type Offered = UserSession & {readonly isRunning: boolean};

const SHOWN = 20;

/**
 * The user's sessions in this repository and its git worktrees, newest first, and the CLIs of those that name no folder. Sessions of the room's agents
 * are in other repositories.
 */
const sessionsHere = async (invocation: Invocation): Promise<{readonly sessions: readonly Offered[]; readonly unread: readonly Cli[]}> => {
	const {environment} = invocation;
	const {repository, stateFolder} = findPlace(invocation);
	const isHere = new Map<string, boolean>();
	const here = ({cwd}: UserSession): boolean => {
		if (cwd === '') return false;
		if (!isHere.has(cwd)) isHere.set(cwd, !cwd.startsWith(`${stateFolder}/`) && findRepository(cwd)?.commonDir === repository.commonDir);
		return isHere.get(cwd) === true;
	};
	const clis = Object.values(CLIS);
	const inFiles = clis.flatMap(cli => sessionsOf(cli, environment).map(session => ({cli, session})));
	const offered = inFiles
		.filter(({session}) => here(session))
		.map(({cli, session}): Offered => {
			const pid = pidOf(cli, session.id, environment);
			return {...session, isRunning: pid > 0 ? startTimeOf(pid) !== '' : isOpen(session.file)};
		});
	const exported = (await Promise.all(clis.map(cli => listedSessions(cli, repository.root, environment)))).flat();
	return {
		sessions: [...offered, ...exported.filter(here)].toSorted((one, other) => other.at - one.at),
		unread: inFiles.filter(({session}) => session.cwd === '').map(({cli}) => cli),
	};
};

/** `2 session files of Codex name no folder, so they are not listed.` */
const unreadLines = (unread: readonly Cli[]): readonly string[] =>
	[...Map.groupBy(unread, ({title}) => title)].map(([title, of]) => {
		const one = of.length === 1;
		const what = `${counted(of.length, 'session file')} of ${title}`;
		return `${what} ${one ? 'names' : 'name'} no folder, so ${one ? 'it is' : 'they are'} not listed: another version may have written ${one ? 'it' : 'them'}.`;
	});

const titleOf = ({title, cli}: Offered): string => title || `Continue a session of ${CLIS[cli]?.title ?? cli}`;

const row = (session: Offered, number: number): string =>
	[
		String(number).padStart(2),
		session.id,
		session.cli.padEnd(8),
		`${formatAge(Date.now() - session.at)} ago`.padEnd(9),
		`${session.isRunning ? '(running) ' : ''}${titleOf(session).slice(0, 60)}`,
	].join('  ');

const NONE = 'No session of this repository was found.';

/** By number in the list, or by the beginning of its id. */
const chosen = (sessions: readonly Offered[], word: string): Offered => {
	const byNumber = /^\d{1,3}$/.test(word) ? sessions[Number(word) - 1] : undefined;
	const fitting = word.length >= 4 ? sessions.filter(({id}) => id.startsWith(word)) : [];
	const found = byNumber ?? (fitting.length === 1 ? fitting[0] : undefined);
	if (found) return found;
	if (sessions.length === 0)
		throw new CommandError('no-session', NONE, 'Sessions of Claude Code, Codex, Gemini CLI and opencode are known.');
	throw new CommandError('no-session', `No single session of this repository is \`${word}\`.`, 'List them with `agent-room adopt`.');
};

/** Lists the sessions; at a terminal asks for one. Undefined if none is chosen. */
const pick = async (invocation: Invocation, {sessions, unread}: Awaited<ReturnType<typeof sessionsHere>>): Promise<Offered | undefined> => {
	const shown = sessions.slice(0, SHOWN);
	if (isSet(invocation, 'json')) {
		for (const {cli, id, title, cwd, at, isRunning} of sessions)
			invocation.print(plainJson({cli, id, title, cwd, at: Math.round(at), isRunning}));
		return undefined;
	}
	if (shown.length === 0) invocation.print(plainLine(NONE));
	for (const [index, session] of shown.entries()) invocation.print(plainLine(row(session, index + 1)));
	for (const line of unreadLines(unread)) invocation.print(plainLine(line));
	if (shown.length === 0) return undefined;
	if (!process.stdin.isTTY || !process.stdout.isTTY) {
		invocation.print(plainLine('Continue one in a copy: `agent-room adopt NUMBER` or `agent-room adopt ID`.'));
		return undefined;
	}
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		const answer = (await terminal.question('Which one becomes a task? [number, enter for none] ')).trim();
		return answer === '' ? undefined : chosen(sessions, answer);
	} finally {
		terminal.close();
	}
};

const refusedByGit = (error: unknown): never => {
	if (!(error instanceof GitRefused)) throw error;
	throw new CommandError(error.code, `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`, error.hint);
};

/** `stashes`: the checkout whose uncommitted files go into a stash; '' for none. */
const queue = async (invocation: Invocation, start: Start, task: NewTask, stashes = ''): Promise<number> => {
	const read = readSubmission(task, {plan: 'off', attempts: 1});
	if (!read.ok) throw new CommandError(read.code, read.message, read.hint, EXIT.usage);
	// From here on the commit is the room's too, whatever becomes of the branch or the checkout.
	await importCommits(await storeOf(invocation), [start.commit]).catch(refusedByGit);
	const [id = ''] = await send(invocation, [task]);
	// Last: until here a failure leaves the checkout as it was.
	const isStashed = stashes !== '' && start.isDirty;
	if (isStashed) await stashCheckout(stashes, `agent-room: ${id} starts with this`).catch(refusedByGit);
	if (isSet(invocation, 'json')) invocation.print(plainJson({id, startsAt: start.commit, isDirty: start.isDirty}));
	else {
		invocation.print(plainLine(id));
		if (start.isDirty && !isStashed)
			invocation.print(
				plainLine(
					'It starts with what is not committed in that checkout. Stash or remove it there before the task merges: a merge overwrites no file of yours. `--stash` does it.',
				),
			);
		if (isStashed) invocation.print(plainLine('What was not committed in that checkout is in `git stash list`, too.'));
	}
	return EXIT.ok;
};

const adoptBranch = async (invocation: Invocation, branch: string): Promise<number> => {
	const start = await startOfBranch(findPlace(invocation).repository.root, branch).catch(refusedByGit);
	const title = textFlag(invocation, 'title') || `Finish the branch ${branch}`;
	const description = `The worktree starts with the commits of the branch \`${branch}\`. Continue that work: finish what is missing, and check that it works.`;
	return queue(invocation, start, {title, description, startsAt: start.commit, ...idOf(invocation)});
};

const idOf = (invocation: Invocation): {readonly id?: string} => {
	const id = textFlag(invocation, 'id');
	return id === '' ? {} : {id};
};

/**
 * `agent-room adopt [SESSION]`: a session of an agent CLI, or a branch, becomes a task. Guarantee: the session, its checkout and the branch stay
 * as they are; the agent continues a copy in a worktree of its own.
 */
export const adopt: RunCommand = async invocation => {
	const [word] = invocation.input;
	const branch = textFlag(invocation, 'branch');
	if (branch !== '' && word !== undefined) throw wrongUsage('Give a session or --branch NAME, not both.', 'See `agent-room help adopt`.');
	if (branch !== '') return adoptBranch(invocation, branch);
	const here = await sessionsHere(invocation);
	const session = word === undefined ? await pick(invocation, here) : chosen(here.sessions, word);
	if (!session) return EXIT.ok;
	if (session.isRunning && !isSet(invocation, 'fork'))
		throw notReady(
			'running',
			`Session \`${session.id}\` of ${CLIS[session.cli]?.title ?? session.cli} still runs.`,
			'Exit it first, or continue a copy next to it: `--fork`.',
		);
	const stashes = isSet(invocation, 'stash') ? session.cwd : '';
	if (stashes !== '' && session.isRunning)
		throw notReady('running', `Session \`${session.id}\` still works with these files.`, 'Exit it first, or leave out `--stash`.');
	const start = await startOfCheckout(session.cwd).catch(refusedByGit);
	const cli = CLIS[session.cli];
	const kept = {environment: invocation.environment, stateFolder: findPlace(invocation).stateFolder};
	if (cli?.sessions?.byProgram && !(await keepExport(cli, session, kept)))
		throw new CommandError(
			'no-session',
			`${cli.title} did not export session \`${session.id}\`.`,
			`Try it: ${cli.name} export ${session.id}`,
		);
	const title = textFlag(invocation, 'title') || titleOf(session);
	const description = `You continue a session of ${CLIS[session.cli]?.title ?? session.cli}: finish what it was asked to do. If you do not have its history, its first prompt was:\n\n${titleOf(session)}`;
	const adopts = `${session.cli} ${session.id}`;
	return queue(invocation, start, {title, description, needs: [session.cli], adopts, startsAt: start.commit, ...idOf(invocation)}, stashes);
};
