import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {withRepositoryLock} from '../../../source/git/lock/lock-file.ts';
import {git} from '../../../source/git/process/run.ts';
import {findMarked} from '../../../source/os/process-tree.ts';
import {type OwnTask, startOwnAttempt} from '../../../source/room/attempt/own-attempt.ts';
import type {Attempt, Workspace} from '../../../source/room/parts/attempt.ts';
import {attemptMark} from '../../../source/room/prepare/environment.ts';
import {createPane, type Pane} from '../../../source/room/team/pane.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';
import {until} from '../../helpers/wait.ts';

const nothing = async (): Promise<void> => undefined;
const place = {
	folder: '',
	branch: '',
	command: () => [],
	environment: {},
	fields: {},
	leave: nothing,
	discard: nothing,
} satisfies Workspace;
const task = parseWholeTask('one', {stage: 'merge'});
const agent = {id: 'agent:merge:001', program: 'merge'} as PlannedAgent;

/** A repository whose `git wait NAME` says so and waits for the file `go`, and an attempt that works there. */
const begin = (
	token: string,
	work: (project: TestRepository, ...given: Parameters<OwnTask>) => Promise<void>,
): {readonly project: TestRepository; readonly attempt: Attempt; readonly pane: Pane; has(name: string): boolean} => {
	const project = createTestRepository();
	project.git(['config', 'alias.wait', '!f() { touch "$1"; while [ ! -e go ]; do sleep 0.02; done; touch "$1-over"; }; f']);
	const pane = createPane(agent.id, () => undefined);
	const attempt = startOwnAttempt(
		{agent, task: task, token, startedAt: performance.now(), workspace: place, pane},
		project.stateFolder,
		(...given) => work(project, ...given),
	);
	return {project, attempt, pane, has: name => existsSync(join(project.root, name))};
};

const twoGits = async (project: TestRepository, _: Attempt, {say, withGit}: Parameters<OwnTask>[1]): Promise<void> => {
	say('begins');
	for (const name of ['first', 'second'])
		await withGit(() => git(project.root, ['wait', name])).then(
			() => say(`${name} is over`),
			(error: {code?: string}) => say(`${name}: ${error.code}`),
		);
};

describe('work of the room itself', () => {
	test('is shown in the pane and the log; its git is found by the mark of its token, is held with it, and continues', async () => {
		const {project, attempt, pane, has} = begin('1:a', twoGits);
		await until(() => has('first'), {what: 'the first git'});
		expect(findMarked(attemptMark('1:a')).length).toBeGreaterThan(0);
		attempt.stop();
		await until(() => attempt.stoppedPids().length > 0, {what: 'it to be stopped'});
		project.write('go', '');
		// A git of others: by its end, one that was not held would have gone further.
		await git(project.root, ['status', '--porcelain']);
		expect([has('first-over'), has('second')]).toEqual([false, false]);
		attempt.resume();
		expect(await attempt.ended).toEqual({exitCode: 0, signal: ''});
		expect(pane.screen.tail(10)).toEqual(['begins', 'first is over', 'second is over']);
		expect(has('second-over')).toBe(true);
	});

	test('held between two of its commands starts no further one', async () => {
		const {promise: seen, resolve: see} = Promise.withResolvers<void>();
		const {promise: next, resolve: goOn} = Promise.withResolvers<void>();
		const {project, attempt, has} = begin('2:b', async (repository, _, {withGit}) => {
			see();
			await next;
			await withGit(() => git(repository.root, ['wait', 'first']));
		});
		await seen;
		attempt.stop();
		goOn();
		project.write('go', '');
		await git(project.root, ['status', '--porcelain']);
		expect(has('first')).toBe(false);
		attempt.resume();
		await attempt.ended;
		expect(has('first-over')).toBe(true);
	});

	test('that is ended in a git command starts no other: when its end has resolved, none runs and none will', async () => {
		const {attempt, pane, has} = begin('3:c', twoGits);
		await until(() => has('first'), {what: 'the first git'});
		attempt.stop();
		await attempt.end(0);
		expect(await attempt.ended).toEqual({exitCode: 0, signal: 'SIGTERM'});
		expect(findMarked(attemptMark('3:c'))).toEqual([]);
		expect(pane.screen.tail(10)).toEqual(['begins', 'first: git-failed', 'second: ended']);
		expect([has('first-over'), has('second')]).toEqual([false, false]);
	});

	test('that is ended while it waits for the repository never has it, and others are not held up', async () => {
		const {promise: free, resolve: release} = Promise.withResolvers<void>();
		const taken: string[] = [];
		let told = '';
		const {project, attempt} = begin('4:d', async (repository, _, {withGit}) => {
			await withGit(() => {
				void withRepositoryLock(repository.root, () => free);
				return withRepositoryLock(repository.root, async () => void taken.push('ended'));
			}).catch(error => {
				told = error.code;
			});
		});
		await until(() => existsSync(join(project.root, 'agent-room.lock')), {what: 'the repository to be taken'});
		await attempt.end(0);
		expect([told, taken]).toEqual(['ended', []]);
		const after = withRepositoryLock(project.root, async () => {
			taken.push('next');
			// What comes next in line is not part of the work that was ended.
			await git(project.root, ['status', '--porcelain']);
		});
		release();
		await after;
		expect(taken).toEqual(['next']);
	});
});
