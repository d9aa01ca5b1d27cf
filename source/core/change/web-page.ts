/** Page paths of a forge, below a repository's address. */
type Forge = {readonly branch: string; readonly commit: string};

const FORGES: readonly (readonly [host: RegExp, forge: Forge])[] = [
	[/github/, {branch: '/tree/', commit: '/commit/'}],
	[/gitlab/, {branch: '/-/tree/', commit: '/-/commit/'}],
	[/bitbucket/, {branch: '/src/', commit: '/commits/'}],
	[/codeberg|gitea|forgejo/, {branch: '/src/branch/', commit: '/commit/'}],
	[/(^|\.)sr\.ht$/, {branch: '/tree/', commit: '/commit/'}],
];

/** Returns host and path of a git remote: a URL, or `user@host:path`. */
const placeOf = (remote: string): {readonly host: string; readonly path: string} | undefined => {
	const [, host, path] =
		/^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([A-Za-z0-9.-]+)(?::\d+)?\/([^?#]+)$/.exec(remote) ??
		/^(?:[^@/:]+@)?([A-Za-z0-9.-]+):(?!\/)([^?#]+)$/.exec(remote) ??
		[];
	return host && path ? {host: host.toLowerCase(), path} : undefined;
};

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Returns the web address of a branch or commit, or undefined for an unknown forge. User, password and ssh port are dropped. */
export const forgePage = (remote: string, what: {readonly branch: string} | {readonly commit: string}): string | undefined => {
	const place = placeOf(remote.trim());
	const [, forge] = FORGES.find(([host]) => place && host.test(place.host)) ?? [];
	if (!place || !forge) return undefined;
	const repository = place.path
		.replace(/\/+$/, '')
		.replace(/\.git$/, '')
		.replace(/^\/+/, '');
	const page = 'branch' in what ? `${forge.branch}${encoded(what.branch)}` : `${forge.commit}${encoded(what.commit)}`;
	return repository === '' ? undefined : `https://${place.host}/${encoded(repository)}${page}`;
};
