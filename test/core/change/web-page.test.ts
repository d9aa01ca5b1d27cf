import {expect, test} from 'vitest';
import {forgePage} from '../../../source/core/change/web-page.ts';

test('a branch and a commit have a page at every forge that is known, however git names the remote', () => {
	const branch = {branch: 'agent/t-3-a1'};
	for (const remote of [
		'git@github.com:acme/shop.git',
		'ssh://git@github.com:22/acme/shop.git',
		'https://github.com/acme/shop',
		'https://me:secret@github.com/acme/shop.git/',
	])
		expect(forgePage(remote, branch)).toBe('https://github.com/acme/shop/tree/agent/t-3-a1');
	expect(forgePage('git@gitlab.acme.org:group/sub/shop.git', branch)).toBe('https://gitlab.acme.org/group/sub/shop/-/tree/agent/t-3-a1');
	expect(forgePage('https://codeberg.org/acme/shop', {commit: 'a1b2'})).toBe('https://codeberg.org/acme/shop/commit/a1b2');
	expect(forgePage('git@bitbucket.org:acme/shop', {commit: 'a1b2'})).toBe('https://bitbucket.org/acme/shop/commits/a1b2');
});

test('what is no forge, or no address, has none, and nothing of it can be more than a path', () => {
	for (const remote of [
		'',
		'/srv/git/shop.git',
		'../shop',
		'file:///srv/github/shop',
		'git@example.org:acme/shop',
		'C:\\github\\shop',
		'https://github.com/',
	])
		expect(forgePage(remote, {branch: 'main'})).toBeUndefined();
	expect(forgePage('https://github.com/acme/shop', {branch: 'a b?#$(x)"'})).toBe('https://github.com/acme/shop/tree/a%20b%3F%23%24(x)%22');
});
