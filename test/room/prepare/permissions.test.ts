import {describe, expect, test} from 'vitest';
import {APPROVES, openEngine} from '../../helpers/engine.ts';

const GIT = 'git -c user.name=a -c user.email=a@b';
const programs = {'test-orchestrator': '', 'repository-guardian': ''};

describe('the rights of an agent', () => {
	test('its git refuses to move the base or another branch, says why, and the work lands the usual way', async () => {
		const developer = [
			'exec 2>>"$D/said"',
			`echo work >work.txt; git add --all; ${GIT} commit --quiet -m work`,
			'git push --quiet . HEAD:main && touch "$D/moved"',
			'git branch --force main HEAD && touch "$D/moved"',
			'git push --quiet "$AGENT_ROOM_WORKTREE/../elsewhere" HEAD:main && touch "$D/moved"',
			// Past the guard too: it is the main of its own repository, and nobody else's.
			'env -u GIT_CONFIG_COUNT git update-ref refs/heads/main HEAD',
			'git rev-parse main >"$D/theirs"',
			`git -c user.name=a -c user.email=a@b commit --quiet --allow-empty -m more`,
			'exit 0',
		].join('\n');
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES, ...programs}});
		const before = room.repository.head();
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.has('moved')).toBe(false);
		expect(room.read('said')).toContain('only agent-room moves `main`');
		expect(room.read('theirs')).not.toBe(before);
		expect(room.repository.git(['rev-parse', 'main^1'])).toBe(before);
		expect(room.mergedCommit()).toEqual(['one']);
		expect(room.repository.git(['config', '--local', '--list'])).not.toContain('hookspath');
	});

	test('a reviewer moves no branch, and what it commits or changes travels nowhere', async () => {
		const reviewer = [
			'exec 2>>"$D/said"',
			'git checkout --quiet -b mine && touch "$D/moved"',
			`echo sneaked >sneaked.txt; git add --all; ${GIT} commit --quiet -m sneaked`,
			'git push --quiet --force . "HEAD:refs/heads/agent/one-a1" && touch "$D/moved"',
			APPROVES,
		].join('\n');
		const room = await openEngine({agents: {developer: 'echo work >work.txt', 'code-sentinel': reviewer, ...programs}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.has('moved')).toBe(false);
		expect(room.read('said')).toContain('your role cannot move a branch');
		expect(room.repository.git(['ls-tree', '--name-only', 'main'])).toBe('README.md\nwork.txt');
	});

	test('whoever gets past the guard has moved the base by hand: that is said, and what lands is tested on it', async () => {
		const developer = [
			`echo work >work.txt; git add --all; ${GIT} commit --quiet -m work`,
			'if [ "$AGENT_ROOM_TASK" = one ]; then',
			'cd "$(dirname "$AGENT_ROOM_PERSON_GIT")"',
			`echo past >past.txt; env -u GIT_CONFIG_COUNT ${GIT} add past.txt; env -u GIT_CONFIG_COUNT ${GIT} commit --quiet -m past`,
			'fi',
			'exit 0',
		].join('\n');
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES, ...programs}, config: {sandbox: 'off'}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		await room.when('the move is recorded', () => room.events.some(({type}) => type === 'base_moved'));
		expect(room.repository.git(['log', '--first-parent', '--format=%s', '-2', 'main'])).toBe('one\npast');
	});
});
