import {forgePage} from '../core/forge.ts';
import type {Task} from '../core/task.ts';
import {gitLine} from '../git/run.ts';
import type {WebPage} from '../store/room.ts';

const no = (why: string): WebPage => ({url: '', why});

/** The remote that the base follows, else `origin`, else the only one; '' where there is none. */
const remoteOf = async (root: string, base: string): Promise<string> => {
	const followed = await gitLine(root, ['config', '--get', `branch.${base}.remote`]).catch(() => '');
	if (followed !== '' && followed !== '.') return followed;
	const names = (await gitLine(root, ['config', '--get-regexp', '--name-only', '^remote\\..*\\.url$']).catch(() => ''))
		.split('\n')
		.map(name => name.replace(/^remote\.|\.url$/g, ''));
	return names.includes('origin') ? 'origin' : names.length === 1 ? (names[0] ?? '') : '';
};

/**
 * The page of what a task has made, where this clone knows it to be there: its commit on the base once that was pushed, else its branch. Asks nobody
 * but this clone.
 */
export const webPage = async (root: string, base: string, task: Pick<Task, 'id' | 'branch' | 'landed'>): Promise<WebPage> => {
	const remote = await remoteOf(root, base);
	if (remote === '') return no('This repository has no remote, so nothing of it is on the web.');
	const address = await gitLine(root, ['remote', 'get-url', '--', remote]).catch(() => '');
	const has = (...args: readonly string[]): Promise<boolean> =>
		gitLine(root, args).then(
			() => true,
			() => false,
		);
	if (forgePage(address, {branch: base}) === undefined)
		return no(`\`${remote}\` is at no forge that is known: ${address.replace(/\/\/[^@/]*@/, '//')}`);
	if (task.landed !== '' && (await has('merge-base', '--is-ancestor', task.landed, `refs/remotes/${remote}/${base}`)))
		return {url: forgePage(address, {commit: task.landed}) ?? '', why: ''};
	if (task.landed !== '') return no(`${task.id} is on ${base} here; it is on the web once ${base} is pushed to ${remote}.`);
	if (task.branch === '') return no(`${task.id} has no branch yet.`);
	if (await has('rev-parse', '--verify', '--quiet', `refs/remotes/${remote}/${task.branch}`))
		return {url: forgePage(address, {branch: task.branch}) ?? '', why: ''};
	return no(`${task.branch} is in this clone only: it is on the web once it is pushed to ${remote}.`);
};
