import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {cleanEnvironment} from '../../helpers/program.ts';

const GIT = 'git -c user.name=a -c user.email=a@b';
const programs = {'test-orchestrator': '', 'repository-guardian': ''};
const MERGED = ['merged'];

/** Everything of a person's repository that is not an object: names of files, and contents of those that say something. */
const stateOf = ({repository}: TestRoom): unknown => {
	const git = join(repository.root, '.git');
	const names = readdirSync(git, {recursive: true}).map(String);
	return [
		names.filter(name => !/^(?:objects|logs)\/|^(?:index|ORIG_HEAD)$/.test(name)).sort(),
		readFileSync(join(git, 'config'), 'utf8'),
		repository.git(['worktree', 'list', '--porcelain']).replaceAll(/^HEAD .*$/gm, ''),
	];
};

/** Plants a program in every place of an agent's git from which one would run, and shows others another history than there is. */
const PLANTS = [
	'printf \'#!/bin/sh\\necho "$0 $*" >>"%s"\\ncat\\n\' "$C" >.git/trap; chmod +x .git/trap',
	'for key in core.fsmonitor core.pager core.sshCommand diff.external diff.x.textconv diff.x.command merge.x.driver filter.x.clean filter.x.smudge gpg.program; do git config $key "$PWD/.git/trap"; done',
	'for hook in post-index-change post-checkout reference-transaction pre-commit; do cp .git/trap .git/hooks/$hook; done',
	'git config core.hooksPath "$PWD/.git/hooks"; mkdir -p .git/info; echo "* filter=x diff=x merge=x" >.git/info/attributes',
].join('\n');

test('what an agent plants in its git runs neither in the room nor in the hands of the person, and the person’s repository gets what landed alone', async () => {
	const canary = join(temporaryFolder('c'), 'ran');
	const developer = [
		`C='${canary}'`,
		`echo evil >evil.txt; git add evil.txt; ${GIT} commit --quiet -m evil; evil=$(git rev-parse HEAD)`,
		`echo fine >evil.txt; git add evil.txt; tree=$(git write-tree); fine=$(${GIT} commit-tree -p HEAD~1 -m fine $tree)`,
		// Who believes replacements sees another file than there is.
		'git replace "$evil" "$fine"; git checkout --quiet --force HEAD',
		'GIT_NO_REPLACE_OBJECTS=1 git checkout --quiet --force HEAD -- .',
		PLANTS,
		'echo more >more.txt',
		WAITS,
	].join('\n');
	const reviewer = `git show HEAD:evil.txt >"$D/reviewed"; cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief"; ${APPROVES}`;
	const room = await openEngine({agents: {developer, 'code-sentinel': reviewer, ...programs}});
	const before = stateOf(room);
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	const {worktree} = await room.atWork('one', 1);

	const looked = await room.store.look('patch', 'one');
	expect(looked?.files.map(({path}) => path)).toEqual(['evil.txt', 'more.txt']);
	const own = await room.store.personGit(join(worktree, 'evil.txt'));
	if (!own) throw new Error('the worktree is none');
	const person = (...args: readonly string[]): string => {
		const env = cleanEnvironment({GIT_DIR: own.gitDir, GIT_WORK_TREE: own.folder, GIT_AUTHOR_NAME: 'P', GIT_AUTHOR_EMAIL: 'p@x'});
		return execFileSync('git', args, {
			cwd: own.folder,
			env: {...env, GIT_COMMITTER_NAME: 'P', GIT_COMMITTER_EMAIL: 'p@x'},
			encoding: 'utf8',
		});
	};
	expect(person('status', '--porcelain')).toBe('?? more.txt\n');
	expect(person('diff', 'HEAD~1', '--stat')).toContain('evil.txt');
	writeFileSync(join(worktree, 'by-hand.txt'), 'by hand\n');
	person('add', 'by-hand.txt');
	person('commit', '--quiet', '-m', 'by the person');
	await own.end();
	expect(existsSync(canary)).toBe(false);
	// The trap is one: the agent's own git runs it.
	expect(execFileSync('git', ['log', '-1', '--format=%s'], {cwd: worktree, encoding: 'utf8'})).toBe('by the person\n');
	execFileSync('git', ['status'], {cwd: worktree, stdio: 'ignore'});
	expect(existsSync(canary)).toBe(true);
	const ran = readFileSync(canary, 'utf8');

	room.touch('go-one');
	await room.when('it is merged', () => MERGED.includes(room.task('one').state));
	await room.when('its worktree is gone', () => room.worktrees().length === 0);
	expect(readFileSync(canary, 'utf8')).toBe(ran);
	expect(room.read('reviewed')).toBe('evil');
	expect(room.read('brief')).toContain('+evil');
	for (const [file, content] of [
		['evil.txt', 'evil'],
		['more.txt', 'more'],
		['by-hand.txt', 'by hand'],
	] as const)
		expect(room.repository.git(['show', `main:${file}`])).toBe(content);
	expect(stateOf(room)).toEqual(before);
	expect(room.repository.git(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/main');
	expect(room.repository.git(['fsck', '--unreachable', '--no-reflogs', '--no-progress'])).toBe('');
});

test('a link in place of the worktree is refused and told: nothing behind it is committed, and the work goes on from what was taken over', async () => {
	const developer = [
		`if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then`,
		WRITES,
		`git add --all; ${GIT} commit --quiet -m first`,
		WAITS,
		'root=$(cat "$D/root"); cd /; rm -rf "$AGENT_ROOM_WORKTREE"; ln -s "$root" "$AGENT_ROOM_WORKTREE"',
		'else echo again >again.txt; fi',
	].join('\n');
	const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES, ...programs}, config: {sandbox: 'off'}});
	room.write('root', room.repository.root);
	room.repository.write('secret.txt', 'not committed by the person\n');
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.atWork('one', 1);
	await room.when('its commit was seen', () => room.kept('log', '-1', '--format=%s', 'refs/agent-room/attempts/one-a1') === 'first');
	room.touch('go-one');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	const failed = room.events.find(({type}) => type === 'attempt_failed');
	expect(failed?.text).toMatch(/^cannot save its work: `.*one-a1` is a link, not the folder that the room created/);
	expect(room.repository.git(['ls-tree', '--name-only', 'main']).split('\n')).toEqual(['README.md', 'again.txt', 'one.txt']);
	expect(room.repository.git(['status', '--porcelain'])).toBe('?? secret.txt');
	expect(room.repository.git(['log', '--all', '--format=%s', '--', 'secret.txt'])).toBe('');
});

test('a commit that would be too large when it is checked out is refused and told: the next attempt takes it out, and other work goes on', async () => {
	const developer = [
		'if [ "$AGENT_ROOM_TASK" = one ] && [ ! -e "$D/began" ]; then touch "$D/began"',
		'blob=$(head -c 11000000 /dev/zero | git hash-object -w --stdin)',
		'tree=$(printf "100644 blob $blob\\tzeros\\n" | git mktree)',
		`git reset --quiet --soft "$(${GIT} commit-tree -p HEAD -m zeros "$tree")"; echo kept >kept.txt`,
		'else cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_TASK"; git reset --quiet --soft main',
		WRITES,
		'fi',
	].join('\n');
	const room = await openEngine({agents: {developer, ...programs}, config: {review: 'off', limits: {disk: '10MB'}}});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.must({type: 'add-task', title: 'two', id: 'two'});
	await room.when('both are merged', () => ['one', 'two'].every(id => room.task(id).state === 'merged'));
	const failed = room.events.filter(({type}) => type === 'attempt_failed');
	const said = 'cannot save its work: the work has `11MB of files` beyond the base; the limit is 10MB. Take them out: of its commits';
	expect(failed.map(({text}) => text)).toEqual([expect.stringContaining(said)]);
	expect(room.read('brief-one')).toContain('A human may raise');
	expect(room.repository.git(['ls-tree', '--name-only', 'main']).split('\n')).toEqual(['README.md', 'kept.txt', 'one.txt', 'two.txt']);
});

test('a folder that somebody writes into Redis is not worked in, and nothing of it is committed', async () => {
	const room = await openEngine({agents: {developer: `pwd >"$D/where"; ${WRITES}`, ...programs}, config: {review: 'off'}});
	await room.must({type: 'pause-all'});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	const foreign = join(temporaryFolder('f'), 'one-a1');
	mkdirSync(foreign);
	execFileSync('git', ['clone', '--quiet', room.repository.root, foreign]);
	writeFileSync(join(foreign, 'theirs.txt'), 'theirs\n');
	await room.redis('HSET', 'workflow:tasks:status:one', 'worktree', foreign, 'branch', 'main', 'author', 'agent:dev:001', 'fresh', '0');
	await room.must({type: 'resume-all'});
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.read('where')).toMatch(/\/worktrees\/one-a1$/);
	expect(room.repository.git(['ls-tree', '--name-only', 'main']).split('\n')).toEqual(['README.md', 'one.txt']);
	expect(execFileSync('git', ['status', '--porcelain'], {cwd: foreign, encoding: 'utf8'})).toBe('?? theirs.txt\n');
});
