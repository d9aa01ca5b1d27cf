import {execFileSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {expectGreenBase, walkBase} from './base-history.ts';
import {createTestRepository} from './repository.ts';

test('a base is walked commit by commit, also over one that it pointed at only for a while', () => {
	const repository = createTestRepository({files: {'a.txt': 'good\n'}});
	repository.write('a.txt', 'bad\n');
	const bad = repository.commit('break it');
	repository.git(['reset', '--quiet', '--hard', 'HEAD~1']);
	repository.write('b.txt', 'good\n');
	repository.commit('go on\n\nRoom-Task: b');
	repository.write('untracked.txt', 'bad\n');
	const walked = walkBase(repository.root, '! grep -q bad *.txt');
	expect(walked.map(({task}) => task)).toEqual(['', '', 'b']);
	expect(walked.filter(({problem}) => problem !== '').map(({commit}) => commit)).toEqual([bad]);
	expect(() => expectGreenBase(repository.root, '! grep -q bad *.txt', ['b'])).toThrow();
	execFileSync('git', ['reflog', 'expire', '--expire=all', '--all'], {cwd: repository.root});
	expect(() => expectGreenBase(repository.root, 'true', ['c'])).toThrow();
});
