/** The forges that have a program of ours. */
export const FORGES = ['github', 'gitlab', 'gitea'] as const;
export type ForgeName = (typeof FORGES)[number];

/** How a pull request becomes commits of the base. */
export const METHODS = ['merge', 'squash', 'rebase'] as const;

/** Where a repository is on a forge. */
export type ForgePlace = {readonly host: string; readonly owner: string; readonly name: string};

const SEGMENT = /^[\w.-]{1,100}$/;

/** Reads the address of a remote: https, ssh and the short form of ssh; of a path its last two folders. Undefined if it names none. */
export const forgePlace = (address: string): ForgePlace | undefined => {
	const web = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/i.exec(address);
	const short = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(address);
	const [, host = '', path = ''] = web ?? short ?? ['', '', address];
	const segments = path
		.replace(/[?#].*$/, '')
		.replace(/\/+$/, '')
		.replace(/\.git$/, '')
		.split('/')
		.filter(Boolean);
	const name = segments.at(-1) ?? '';
	// Groups of GitLab may be nested; a path has no host.
	const owners = host === '' ? segments.slice(-2, -1) : segments.slice(0, -1);
	if (owners.length === 0 || ![...owners, name].every(part => SEGMENT.test(part) && part !== '.' && part !== '..')) return undefined;
	if (host !== '' && !/^[\w.-]{1,200}$/.test(host)) return undefined;
	return {host: host.toLowerCase(), owner: owners.join('/'), name};
};

/** The forge of an address by its host; undefined for an unknown one, which `forge:` names. */
export const forgeOf = (address: string): ForgeName | undefined => {
	const host = forgePlace(address)?.host ?? '';
	if (host === 'github.com' || /(?:^|\.)github\./.test(host)) return 'github';
	if (/(?:^|\.)gitlab\./.test(host)) return 'gitlab';
	return host === 'codeberg.org' || /(?:^|\.)(?:gitea|forgejo)\./.test(host) ? 'gitea' : undefined;
};

/** An address without the login that it may hold. */
export const withoutLogin = (address: string): string => address.replace(/^((?:https?|ssh|git):\/\/)[^@/]*@/i, '$1');
