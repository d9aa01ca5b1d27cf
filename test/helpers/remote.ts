import {chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {commitAll, type TestRepository} from './repository.ts';
import type {Story} from './room.ts';

/** A bare remote beside a repository of a test, called `origin` there, and another person's clone of it. */
export type TestRemote = {
	readonly folder: string;
	/** Where a branch of it stands, '' where there is none. */
	head(branch?: string): string;
	/** All of its refs, each with its commit. */
	refs(): string;
	/** Somebody else pushes a commit that writes these files; the commit. */
	push(files: Readonly<Record<string, string>>, message?: string): string;
	/** A hook of the remote's, as a shell program; undefined takes it away. */
	hook(name: 'update' | 'pre-receive' | 'post-receive', script: string | undefined): void;
	/** A file beside its objects, by which a hook and a test speak. */
	has(name: string): boolean;
	write(name: string): void;
	/** The remote cannot be reached until it is brought back. */
	leave(): void;
	comeBack(): void;
};

/** The same beside the repository of a story, whose configuration gets these lines first. */
export const addStoryRemote = (story: Pick<Story, 'repository' | 'git' | 'env'>, lines: string): TestRemote => {
	const {repository, git} = story;
	const env = {
		...story.env,
		GIT_AUTHOR_NAME: 'C',
		GIT_AUTHOR_EMAIL: 'c@example.org',
		GIT_COMMITTER_NAME: 'C',
		GIT_COMMITTER_EMAIL: 'c@example.org',
	};
	writeFileSync(join(repository, 'agent-room.yaml'), `${git('show', 'HEAD:agent-room.yaml')}\n${lines}\n`);
	commitAll(repository, 'Merge to a remote', env);
	return addRemote({
		root: repository,
		git: (args, folder = repository) => git('-C', folder, ...args),
		write: (path, content, folder = repository) => writeFileSync(join(folder, path), content),
		commit: (message, folder = repository) => {
			commitAll(folder, message, env);
			return git('-C', folder, 'rev-parse', 'HEAD');
		},
	});
};

export const addRemote = (project: Pick<TestRepository, 'root' | 'git' | 'write' | 'commit'>): TestRemote => {
	const beside = dirname(project.root);
	const folder = join(beside, 'remote.git');
	const other = join(beside, 'colleague');
	project.git(['clone', '--quiet', '--bare', '--no-local', project.root, folder]);
	project.git(['remote', 'add', 'origin', folder]);
	project.git(['fetch', '--quiet', 'origin']);
	project.git(['branch', '--quiet', '--set-upstream-to=origin/main', 'main']);
	const isCloned = {is: false};
	return {
		folder,
		head: (branch = 'main') => project.git(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`], folder),
		refs: () => project.git(['for-each-ref', '--format=%(refname) %(objectname)'], folder),
		push: (files, message = 'by a colleague') => {
			if (!isCloned.is) project.git(['clone', '--quiet', folder, other]);
			isCloned.is = true;
			project.git(['pull', '--quiet', '--ff-only'], other);
			for (const [path, content] of Object.entries(files)) project.write(path, content, other);
			const commit = project.commit(message, other);
			project.git(['push', '--quiet', 'origin', 'HEAD:main'], other);
			return commit;
		},
		hook: (name, script) => {
			const file = join(folder, 'hooks', name);
			mkdirSync(dirname(file), {recursive: true});
			rmSync(file, {force: true});
			if (script === undefined) return;
			writeFileSync(file, `#!/bin/sh\n${script}\n`);
			chmodSync(file, 0o755);
		},
		has: name => existsSync(join(folder, name)),
		write: name => writeFileSync(join(folder, name), ''),
		leave: () => renameSync(folder, `${folder}.away`),
		comeBack: () => renameSync(`${folder}.away`, folder),
	};
};
