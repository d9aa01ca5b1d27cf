import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {looselyBeyond, looselyContains, readLooseCommit} from '../../../source/git/repository/loose-commit.ts';
import {commitsBeyond, hasDescended} from '../../../source/git/worktree/list.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {createTestRepository} from '../../helpers/repository.ts';

/** A line of commits, and a merge of a branch of two into it. */
const start = () => {
	const project = createTestRepository();
	const folder = join(project.root, '.git');
	const first = project.head();
	const side = project.branch('side', {b: 'b\n'});
	project.write('a', 'a\n');
	const second = project.commit('second\n\nRoom-Task: x');
	project.git(['merge', '--quiet', '--no-ff', '-m', 'merge side', side]);
	return {project, folder, first, second, side, merge: project.head()};
};

test('a commit is read as git reads it; what is packed, missing, shallow or no plain commit is left to git', () => {
	const {project, folder, second, side, merge} = start();
	const id = (name: string): string => project.git(['rev-parse', name]);
	for (const commit of [second, merge])
		expect(readLooseCommit(folder, commit)).toEqual({
			tree: id(`${commit}^{tree}`),
			parents: id(`${commit}^@`).split('\n'),
			message: `${project.git(['log', '-1', '--format=%B', commit]).trimEnd()}\n`,
		});
	for (const other of [id(`${merge}^{tree}`), 'f'.repeat(40), '', '../HEAD', `${'a'.repeat(39)}/`])
		expect(readLooseCommit(folder, other)).toBeUndefined();
	project.git(['-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--allow-empty', '-m', 'encoded']);
	expect(readLooseCommit(folder, project.head())).toBeUndefined();

	const put = (at: string, content: Buffer): void => {
		mkdirSync(join(folder, 'objects', at.slice(0, 2)), {recursive: true});
		writeFileSync(join(folder, 'objects', at.slice(0, 2), at.slice(2)), deflateSync(content));
	};
	const text = `tree ${'a'.repeat(40)}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n${'x'.repeat(100)}`;
	put('1'.repeat(40), Buffer.from(`commit ${text.length}\0${text}`));
	put('2'.repeat(40), Buffer.from(`commit ${text.length - 1}\0${text}`));
	put('3'.repeat(40), Buffer.from(`commit ${10_000_000 + text.length}\0${text}${'x'.repeat(10_000_000)}`));
	put('4'.repeat(40), Buffer.from(`commit ${text.length}\0${text.replace('tree a', 'tree A')}`));
	expect(['1', '2', '3', '4'].map(one => readLooseCommit(folder, one.repeat(40)) !== undefined)).toEqual([true, false, false, false]);
	const file = join(folder, 'objects', side.slice(0, 2), side.slice(2));
	chmodSync(file, 0o600);
	writeFileSync(file, 'damaged');
	expect(readLooseCommit(folder, side)).toBeUndefined();

	writeFileSync(join(folder, 'shallow'), `${second}\n`);
	expect(readLooseCommit(folder, merge)).toBeUndefined();
});

test('what a few files show about a history is what git says, and git is asked for the rest', async () => {
	const {project, folder, first, second, side, merge} = start();
	const plain = (...args: readonly string[]): string => project.git(args);
	const all = [first, second, side, merge, 'f'.repeat(40)];
	for (const head of all)
		for (const commit of all) {
			const isWithin = looselyContains(folder, head, commit);
			const count = looselyBeyond(folder, head, commit);
			if (isWithin) expect(plain('merge-base', commit, head)).toBe(commit);
			if (count !== undefined) expect(plain('rev-list', '--count', `${commit}..${head}`)).toBe(String(count));
		}
	expect([looselyContains(folder, merge, side), looselyContains(folder, side, merge)]).toEqual([true, undefined]);
	expect([looselyBeyond(folder, second, first), looselyBeyond(folder, first, first), looselyBeyond(folder, merge, first)]).toEqual([
		1,
		0,
		undefined,
	]);
	const asked = (work: () => Promise<unknown>) => askedOfGit(work);
	expect(await asked(async () => expect(await hasDescended(folder, merge, first)).toBe(true))).toEqual([]);
	expect(await asked(async () => expect(await commitsBeyond(folder, second, first)).toBe(1))).toEqual([]);
	expect(await asked(async () => expect(await hasDescended(folder, first, merge)).toBe(false))).toEqual(['merge-base']);
	project.git(['gc', '--quiet']);
	expect(await asked(async () => expect(await hasDescended(folder, merge, first)).toBe(true))).toEqual(['merge-base']);
	expect(await asked(async () => expect(await commitsBeyond(folder, merge, first)).toBe(3))).toEqual(['rev-list']);
});
