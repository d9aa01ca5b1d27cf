import process from 'node:process';

/**
 * All that differs between the systems that the room runs on, one row each. The rows of macOS were written from its manuals and exercised on
 * Linux (`npm run soak -- --macos`); none has been run on a Mac.
 */
export type Platform = {
	/** Where processes, their environments and their open files are read: `/proc`, or the program `ps`, which shows no open files. */
	readonly processes: 'proc' | 'ps';
	/** Arguments that make `ps` show every process's environment behind its command. */
	readonly psEnvironments: readonly string[];
	/** Most bytes in the path of a unix socket, without the final NUL. */
	readonly longestSocket: number;
	/**
	 * How files of a folder are reached that untrusted programs may change meanwhile: by the open folder's name in /proc, or by a path in
	 * which the system refuses every link.
	 */
	readonly beneath: 'descriptor' | 'refused-links' | 'path';
	readonly sandbox: 'bubblewrap' | 'seatbelt' | 'none';
	/** Opens an address in the browser; where `needsDisplay`, only under a display, elsewhere only without SSH. */
	readonly opener: {readonly program: string; readonly needsDisplay: boolean};
	/** Programs of the distribution that `setup` calls, in order; the first on the PATH is taken. */
	readonly packageManagers: readonly string[];
	/** Whether names that differ in case alone are one file. The room makes none such anywhere, so this row only says what to test. */
	readonly foldsCase: boolean;
	/** The real place of /tmp. Paths are compared by their real places wherever they may come from elsewhere. */
	readonly temporary: string;
};

const LINUX: Platform = {
	processes: 'proc',
	psEnvironments: ['axeww'],
	longestSocket: 107,
	beneath: 'descriptor',
	sandbox: 'bubblewrap',
	opener: {program: 'xdg-open', needsDisplay: true},
	packageManagers: ['apt-get', 'dnf', 'apk', 'pacman', 'brew'],
	foldsCase: false,
	temporary: '/tmp',
};

export const PLATFORMS = {
	linux: LINUX,
	darwin: {
		processes: 'ps',
		psEnvironments: ['-AEww'],
		longestSocket: 103,
		beneath: 'refused-links',
		sandbox: 'seatbelt',
		opener: {program: 'open', needsDisplay: false},
		packageManagers: ['brew'],
		foldsCase: true,
		temporary: '/private/tmp',
	},
} as const satisfies Readonly<Record<string, Platform>>;

/** An unknown system is assumed to have what POSIX requires. */
const other = (): Platform => ({...LINUX, processes: 'ps', longestSocket: 103, beneath: 'path', sandbox: 'none'});

export const platformOf = (name: string): Platform => (name === 'linux' || name === 'darwin' ? PLATFORMS[name] : other());

/** This system's row. Marked as without effect, so that programs that only need a limit carry no table. */
export const platform: Platform = /* @__PURE__ */ (() => platformOf(process.platform))();

/** Most bytes in the path of a socket of the room: what every system takes, so that a state folder means the same on all, with some to spare. */
export const LONGEST_SOCKET = 100;
