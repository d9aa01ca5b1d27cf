import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {guardEnvironment, writeRefGuard} from '../../../source/git/guard/guard.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {createAttempt, createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {cleanEnvironment} from '../../helpers/program.ts';
import {createTestRepository} from '../../helpers/repository.ts';

/** Two tasks at work and a reviewer, each with the git that its agent would run. */
const start = async (prepare: (root: string, git: (...args: readonly string[]) => string) => void = () => undefined) => {
	const project = createTestRepository({files: {a: 'a\n', b: 'b\n'}});
	prepare(project.root, (...args) => project.git(args));
	const repository = await openRepository(project.root);
	const folder = join(project.stateFolder, 'hooks');
	writeRefGuard(folder);
	const worktreesFolder = join(project.stateFolder, 'w');
	const store = await openTestStore(project);
	const from = project.head();
	const mine = await createAttempt({store, worktreesFolder, task: 'mine', attempt: 1, from});
	const review = join(worktreesFolder, 'review');
	await createDetachedWorktree({store, folder: review, commit: from});
	// The base is checked out nowhere, so that nothing but the guard is in the way.
	project.git(['checkout', '--quiet', '--detach']);
	const refs = (): string =>
		[project.root, mine.path, review].map(where => project.git(['for-each-ref', '--format=%(refname) %(objectname)'], where)).join('\n\n');
	const description = join(project.stateFolder, 'brief.md');
	writeFileSync(description, '');
	const agent = async (worktree: string, branch: string) => {
		const guard = await guardEnvironment({repository, folder, worktree});
		const env = cleanEnvironment({
			GIT_CONFIG_GLOBAL: '/dev/null',
			GIT_CONFIG_NOSYSTEM: '1',
			GIT_AUTHOR_NAME: 'Agent',
			GIT_AUTHOR_EMAIL: 'a@example.org',
			GIT_COMMITTER_NAME: 'Agent',
			GIT_COMMITTER_EMAIL: 'a@example.org',
			GIT_EDITOR: 'true',
			AGENT_ROOM_BASE: 'main',
			AGENT_ROOM_BRANCH: branch,
			AGENT_ROOM_BRIEF_FILE: description,
			...guard,
		});
		const run = (cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
			const {status, stderr, stdout} = spawnSync('git', args, {cwd, env: {...env, ...more}, encoding: 'utf8'});
			return {code: status, said: stderr.split('\n')[0] ?? '', out: stdout.trim(), stderr};
		};
		return {
			run,
			/** Must be let through. */
			may: (...args: readonly string[]): string => {
				const {code, stderr, out} = run(worktree, args);
				expect(stderr.includes('agent-room:') ? stderr : '', args.join(' ')).toBe('');
				expect({code, stderr: code === 0 ? '' : stderr}, args.join(' ')).toEqual({code: 0, stderr: ''});
				return out;
			},
			/** Must be refused with a sentence, and nothing has moved. */
			mayNot: (words: RegExp, ...args: readonly string[]): void => {
				const before = refs();
				const {code, stderr} = run(worktree, args);
				expect(stderr, args.join(' ')).toMatch(/^(?:[\s\S]*\n)?agent-room: /);
				expect(stderr).toMatch(words);
				expect(code, args.join(' ')).not.toBe(0);
				expect(refs(), args.join(' ')).toBe(before);
			},
		};
	};
	return {project, repository, folder, mine, review, from, agent};
};

describe('the guard of refs', () => {
	test('a developer works on its own branch as ever: commit, amend, merge, rebase, stash, tag, branches of its own, worktree refs', async () => {
		const {project, mine, agent, from} = await start();
		const {may} = await agent(mine.path, mine.branch);
		project.write('a', 'mine\n', mine.path);
		may('commit', '--quiet', '--all', '-m', 'mine');
		may('commit', '--quiet', '--amend', '-m', 'mine, amended');
		project.write('b', 'put aside\n', mine.path);
		may('stash', 'push', '--quiet');
		may('stash', 'pop', '--quiet');
		may('commit', '--quiet', '--all', '-m', 'more');
		may('tag', 'mark');
		may('checkout', '--quiet', '-b', 'try');
		may('commit', '--quiet', '--allow-empty', '-m', 'a try');
		may('checkout', '--quiet', mine.branch);
		may('merge', '--quiet', '--no-edit', '--no-ff', 'try');
		may('branch', '-D', '--quiet', 'try');
		for (const name of ['upstream', 'picked']) {
			may('checkout', '--quiet', '-b', name, from);
			project.write(name, 'x\n', mine.path);
			may('add', name);
			may('commit', '--quiet', '-m', name);
		}
		may('checkout', '--quiet', mine.branch);
		may('rebase', '--quiet', 'upstream');
		may('cherry-pick', 'picked');
		may('reset', '--quiet', '--hard', 'HEAD~1');
		may('update-ref', 'refs/worktree/note', 'HEAD');
		may('bisect', 'start', 'HEAD', from);
		may('bisect', 'reset');
		may('fetch', '--quiet', '.', 'upstream');
		may('push', '--quiet', '.', 'HEAD:refs/heads/elsewhere');
		may('gc', '--quiet');
		may('pack-refs', '--all');
		expect(may('rev-parse', mine.branch)).toBe(may('rev-parse', 'HEAD'));
		may('commit', '--quiet', '--allow-empty', '-m', 'after packing');
	});

	test('the base is moved by no agent, in whatever way', async () => {
		const {project, mine, agent} = await start();
		const {may, mayNot} = await agent(mine.path, mine.branch);
		project.write('a', 'mine\n', mine.path);
		may('commit', '--quiet', '--all', '-m', 'mine');
		const words = /only agent-room moves `main`/;
		mayNot(words, 'push', '--quiet', '.', 'HEAD:main');
		mayNot(words, 'push', '--quiet', '--force', project.root, 'HEAD:refs/heads/main');
		mayNot(words, 'push', '--quiet', `file://${join(project.root, '.git')}`, 'HEAD:main');
		mayNot(/in the user's repository/, 'push', '--quiet', project.root, `HEAD:${mine.branch}`);
		mayNot(words, 'push', '--quiet', '.', ':main');
		mayNot(words, 'update-ref', 'refs/heads/main', 'HEAD');
		mayNot(words, 'update-ref', '-d', 'refs/heads/main');
		mayNot(words, 'branch', '--force', 'main', 'HEAD');
		mayNot(words, 'branch', '--delete', '--force', 'main');
		mayNot(words, 'fetch', '--quiet', '.', 'HEAD:main');
		may('checkout', '--quiet', 'main');
		mayNot(words, 'commit', '--quiet', '--allow-empty', '-m', 'on the base');
		mayNot(words, 'merge', '--quiet', '--ff-only', mine.branch);
		mayNot(words, 'reset', '--quiet', '--hard', mine.branch);
		may('checkout', '--quiet', mine.branch);
		// Also from a folder below, and by names of its own for the folders.
		mkdirSync(join(mine.path, 'deep', 'er'), {recursive: true});
		const {run} = await agent(mine.path, mine.branch);
		expect(run(join(mine.path, 'deep', 'er'), ['update-ref', 'refs/heads/main', 'HEAD']).stderr).toMatch(words);
		for (const [where, ...options] of [[project.root], ['/', '--git-dir', join(project.root, '.git')]] as const) {
			const commit = project.git(['commit-tree', '-m', 'x', 'main^{tree}']);
			expect(run(where, [...options, 'update-ref', 'refs/heads/main', commit]).stderr).toMatch(words);
			expect(run(where, [...options, 'branch', 'more', commit]).stderr).toMatch(/`refs\/heads\/more` in the user's repository/);
		}
	});

	test('its own is neither deleted nor renamed', async () => {
		const {mine, agent} = await start();
		const {may, mayNot} = await agent(mine.path, mine.branch);
		may('commit', '--quiet', '--allow-empty', '-m', 'mine');
		mayNot(/cannot be deleted or renamed/, 'update-ref', '-d', `refs/heads/${mine.branch}`);
		mayNot(/cannot be deleted or renamed/, 'branch', '-m', 'better-name');
		expect(may('symbolic-ref', 'HEAD')).toBe(`refs/heads/${mine.branch}`);
	});

	test('who writes nothing moves no branch, and reads, fetches and commits beside them as ever', async () => {
		const {project, mine, review, agent} = await start();
		const {may, mayNot} = await agent(review, '');
		may('log', '--oneline');
		may('diff', 'HEAD');
		project.write('a', 'note\n', review);
		may('commit', '--quiet', '--all', '-m', 'on no branch');
		may('stash', 'list');
		mayNot(/your role cannot move a branch \(`mine`\)/, 'branch', 'mine');
		mayNot(/your role cannot move a branch/, 'checkout', '--quiet', '-b', 'mine');
		mayNot(/your role cannot move a branch/, 'update-ref', `refs/heads/${mine.branch}`, 'HEAD');
		mayNot(/only agent-room moves `main`/, 'update-ref', 'refs/heads/main', 'HEAD');
		mayNot(/your role cannot move a branch/, 'push', '--quiet', '.', 'HEAD:refs/heads/mine');
	});

	test('to a remote an agent pushes its own branch and nothing else, also out of a clone of its own; who writes nothing pushes nothing', async () => {
		const {project, mine, review, agent} = await start((root, git) => {
			git('clone', '--quiet', '--bare', '.', join(root, '..', 'remote.git'));
			git('remote', 'add', 'origin', join(root, '..', 'remote.git'));
		});
		const remote = join(project.root, '..', 'remote.git');
		const pushed = (): string => project.git(['for-each-ref', '--format=%(refname) %(objectname)'], remote);
		const before = pushed();
		const {may, mayNot, run} = await agent(mine.path, mine.branch);
		may('commit', '--quiet', '--allow-empty', '-m', 'mine');
		mayNot(/`main` can be pushed only by the user\. You can push only `agent\/mine-a1`\./, 'push', 'origin', 'HEAD:main');
		mayNot(/`main` can be pushed only by the user/, 'push', '--force', remote, '+HEAD:refs/heads/main');
		mayNot(/`main` can be pushed only by the user/, 'push', '--quiet', `file://${remote}`, 'HEAD:main');
		mayNot(/`main` can be pushed only by the user/, 'push', 'origin', ':main');
		mayNot(/you cannot push/, 'push', 'origin', 'HEAD:release');
		mayNot(/you cannot push/, 'push', 'origin', 'HEAD:agent/other-a1');
		mayNot(/you cannot push/, 'push', 'origin', mine.branch, 'HEAD:refs/tags/v9');
		const clone = join(project.stateFolder, 'clone');
		expect(run(mine.path, ['clone', '--quiet', '.', clone]).code).toBe(0);
		expect(run(clone, ['push', '--quiet', remote, 'HEAD:main'])).toMatchObject({
			code: 1,
			said: expect.stringContaining('agent-room: `main`'),
		});
		const reader = await agent(review, '');
		reader.mayNot(/you cannot push `mine`\. Your role cannot push\./, 'push', 'origin', 'HEAD:refs/heads/mine');
		expect(pushed()).toBe(before);
		may('push', '--quiet', 'origin', mine.branch);
		expect(pushed()).toContain(`refs/heads/${mine.branch} ${may('rev-parse', 'HEAD')}`);
	});

	test("hooks of the repository run as ever, with their input and arguments, and may refuse; so do another repository's", async () => {
		const log = (root: string): string => join(root, 'ran');
		const hook = (folder: string, name: string, script: string): void => {
			mkdirSync(folder, {recursive: true});
			writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
			chmodSync(join(folder, name), 0o755);
		};
		const {project, mine, agent, folder} = await start(root => {
			const hooks = join(root, '.git', 'hooks');
			for (const name of ['pre-commit', 'commit-msg', 'post-commit', 'post-index-change'])
				hook(hooks, name, `echo "${name} \${1:+arg}" >>'${log(root)}'`);
			hook(hooks, 'reference-transaction', `read -r old new ref && echo "$1 $ref" >>'${log(root)}'`);
			hook(hooks, 'pre-push', `read -r from id to was && echo "push $1 $to" >>'${log(root)}'`);
			hook(hooks, 'prepare-commit-msg', `grep -q forbidden "$1" && { echo not this one >&2; exit 1; }; exit 0`);
		});
		const {may, run} = await agent(mine.path, mine.branch);
		may('commit', '--quiet', '--allow-empty', '-m', 'mine');
		may('push', '--quiet', '.', 'HEAD:refs/heads/elsewhere');
		const ran = readFileSync(log(project.root), 'utf8');
		for (const line of [
			'pre-commit ',
			'commit-msg arg',
			'post-commit ',
			'post-index-change arg',
			'prepared ',
			'committed ',
			'push . refs/heads/elsewhere',
		])
			expect(ran).toContain(line);
		expect(run(mine.path, ['commit', '--allow-empty', '-m', 'forbidden'])).toMatchObject({code: 1, said: 'not this one'});

		// An installer of hooks may run in the middle of an attempt, and what it does reaches nobody but this one.
		hook(join(mine.path, '.husky'), 'pre-commit', 'echo from husky; exit 1');
		project.git(['config', 'core.hooksPath', '.husky'], mine.path);
		expect(run(mine.path, ['commit', '--allow-empty', '-m', 'mine']).code).toBe(1);
		project.git(['config', '--unset', 'core.hooksPath'], mine.path);
		hook(join(mine.path, '.git', 'hooks'), 'pre-commit', 'echo its own; exit 1');
		expect(run(mine.path, ['commit', '--allow-empty', '-m', 'mine']).code).toBe(1);
		rmSync(join(mine.path, '.git', 'hooks', 'pre-commit'));
		expect(run(mine.path, ['commit', '--quiet', '--allow-empty', '-m', 'mine']).code).toBe(0);
		expect(readFileSync(log(project.root), 'utf8').match(/pre-commit /g)).toHaveLength(3);
		project.git(['config', 'core.hooksPath', '.husky']);
		const again = await agent(mine.path, mine.branch);
		expect(again.run(mine.path, ['commit', '--allow-empty', '-m', 'mine']).code).toBe(1);
		project.git(['config', '--unset', 'core.hooksPath']);

		// A repository of its own that an agent makes for a test has nobody to guard.
		const scratch = join(project.stateFolder, 'scratch');
		mkdirSync(scratch);
		expect(run(scratch, ['init', '--quiet', '--initial-branch=main']).code).toBe(0);
		hook(join(scratch, '.git', 'hooks'), 'pre-commit', `touch '${join(scratch, 'own')}'`);
		expect(run(scratch, ['commit', '--quiet', '--allow-empty', '-m', 'x'])).toMatchObject({code: 0, stderr: ''});
		expect(run(scratch, ['branch', 'agent/other-a1']).code).toBe(0);
		expect(readFileSync(join(scratch, 'own'), 'utf8')).toBe('');
		expect(run(scratch, ['push', '--quiet', '--force', project.root, 'HEAD:main']).stderr).toContain('only agent-room');
		expect(folder).not.toBe('');
	});

	test("the person's folder of hooks is asked for once, and again when a file changed that names it", async () => {
		const {project, repository, folder, mine} = await start();
		const hooks = async () => (await guardEnvironment({repository, folder, worktree: mine.path})).AGENT_ROOM_HOOKS;
		const usual = join(project.root, '.git', 'hooks');
		expect(await hooks()).toBe(usual);
		expect(await askedOfGit(hooks)).toEqual([]);
		project.git(['config', 'core.hooksPath', '.husky']);
		expect(await hooks()).toBe('.husky');
		expect(await askedOfGit(hooks)).toEqual([]);
		project.git(['config', '--unset', 'core.hooksPath']);
		expect(await hooks()).toBe(usual);
		// A file may include others that are not watched: then git is asked each time.
		const other = join(project.stateFolder, 'included');
		project.git(['config', 'include.path', other]);
		expect(await hooks()).toBe(usual);
		writeFileSync(other, '[core]\n\thooksPath = /included\n');
		expect(await hooks()).toBe('/included');
		writeFileSync(other, '[core]\n\thooksPath = ~/changed\n');
		expect(await hooks()).toMatch(/^\/.*[^~]\/changed$/);
	});

	test('configuration that the environment hands on stays, and neither config is touched', async () => {
		const {project, repository, folder, mine} = await start();
		const before = readFileSync(join(project.root, '.git', 'config'), 'utf8');
		const inherited = {GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.nickname', GIT_CONFIG_VALUE_0: 'x'};
		expect(await guardEnvironment({repository, folder, worktree: mine.path, inherited})).toMatchObject({
			GIT_CONFIG_COUNT: '2',
			GIT_CONFIG_KEY_1: 'core.hooksPath',
			GIT_CONFIG_VALUE_1: folder,
			AGENT_ROOM_HOOKS: join(project.root, '.git', 'hooks'),
		});
		expect(readFileSync(join(project.root, '.git', 'config'), 'utf8')).toBe(before);
	});
});
