import {chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {TestRepository} from './repository.ts';

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
