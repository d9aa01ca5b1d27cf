import {inOrder, type Spec} from './spec.ts';

/** Quotes a string for the profile. */
const text = (value: string): string => `"${value.replace(/[\\"]/g, '\\$&')}"`;

const paths = (list: readonly string[]): string => list.map(path => `(subpath ${text(path)})`).join(' ');

/** Private places on macOS: homes, other volumes, everyone's temporary files. */
const CLOSED = [
	'/Users',
	'/Volumes',
	'/private/tmp',
	'/private/var/folders',
	'/private/var/root',
	'/private/var/db',
	'/private/etc/sudoers',
];

/**
 * The rules of `bubblewrapPrefix` for macOS (`sandbox-exec`): of two rules the later wins. Without mounts, a path that differs inside is
 * reached by its real path, by links and variables (`linked`). Never run: no Mac was available.
 */
const seatbeltProfile = ({mounts, hidden, isOffline}: Spec): string => {
	const all = inOrder(mounts).map(({path, from = path, isWritable = false}) => ({path: from, isWritable}));
	const writable = all.filter(mount => mount.isWritable).map(({path}) => path);
	return [
		'(version 1)',
		'(allow default)',
		`(deny file-read* file-write* ${paths([...CLOSED, ...hidden])})`,
		'(deny file-write*)',
		'(allow file-read-metadata)',
		...all.flatMap(({path, isWritable}) => [
			`(${isWritable ? 'allow' : 'deny'} file-write* (subpath ${text(path)}))`,
			`(allow file-read* (subpath ${text(path)}))`,
		]),
		'(allow file-write* (literal "/dev/null") (literal "/dev/tty") (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+"))',
		// Other processes can be neither inspected nor signalled, except those of the same sandbox.
		'(deny process-info* (target others))',
		'(allow process-info* (target same-sandbox))',
		'(deny signal)',
		'(allow signal (target same-sandbox))',
		'(deny mach-lookup (global-name "com.apple.SecurityServer") (global-name "com.apple.securityd.xpc"))',
		...(isOffline
			? ['(deny network*)', '(allow network* (local ip "localhost:*"))', `(allow network* (remote unix-socket ${paths(writable)}))`]
			: ['(deny network-outbound (remote unix-socket))', `(allow network-outbound (remote unix-socket ${paths(writable)}))`]),
	].join('\n');
};

export const seatbeltPrefix = (spec: Spec): readonly string[] => ['/usr/bin/sandbox-exec', '-p', seatbeltProfile(spec)];
