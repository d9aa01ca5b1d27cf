/** What a shell command runs from the repository, as far as its words show. */
export type RunBy = {
	/** Files it runs or reads instructions from; a path or the end of one. */
	readonly files: readonly string[];
	/** Scripts of `package.json` that it starts with. */
	readonly scripts: readonly string[];
};

const INTERPRETERS = /^(?:sh|bash|dash|zsh|ksh|source|\.|node|deno|bun|tsx|ts-node|python[\d.]*|ruby|perl|php|Rscript)$/;
/** Words that may precede a program. */
const BEFORE =
	/^(?:[A-Za-z_]\w*=.*|!|if|then|else|elif|do|while|until|time|exec|env|nice|nohup|command|sudo|timeout|corepack|cross-env|-.*|\d+[smh]?)$/;
/** Programs that read instructions from a file of a known name. */
const READERS: Readonly<Record<string, readonly string[]>> = {
	make: ['Makefile', 'makefile', 'GNUmakefile'],
	gmake: ['Makefile', 'makefile', 'GNUmakefile'],
	just: ['justfile', 'Justfile', '.justfile'],
	task: ['Taskfile.yml', 'Taskfile.yaml'],
	rake: ['Rakefile'],
	tox: ['tox.ini'],
	nox: ['noxfile.py'],
	invoke: ['tasks.py'],
};
/** Scripts that package managers run during an install. */
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

const around = (script: string): readonly string[] => [`pre${script}`, script, `post${script}`];

const scriptsOf = (manager: string, words: readonly string[]): readonly string[] => {
	const [verb = '', name = ''] = words.filter(word => !word.startsWith('-'));
	if (verb === '' || /^(?:ci|install|i|add|rebuild)$/.test(verb)) return LIFECYCLE;
	if (/^(?:run|run-script)$/.test(verb)) return around(name);
	if (/^(?:t|tst)$/.test(verb)) return around('test');
	return manager === 'npm' && !/^(?:test|start|stop|restart)$/.test(verb) ? [] : around(verb);
};

const fileName = (word: string): string => word.replace(/^(?:\.\/)+/, '');

const none: RunBy = {files: [], scripts: []};

const simple = (all: readonly string[]): RunBy => {
	const from = all.findIndex(word => !BEFORE.test(word));
	const [program = '', ...words] = from < 0 ? [] : all.slice(from);
	if (/^(?:npm|pnpm|yarn|bun)$/.test(program)) {
		const scripts = scriptsOf(program, words);
		if (scripts.length > 0 && program !== 'bun') return {files: [], scripts};
		if (program === 'bun' && /^(?:run|test|install|i|ci)$/.test(words[0] ?? '')) return {files: [], scripts};
	}
	const reads = Object.hasOwn(READERS, program) ? READERS[program] : undefined;
	if (reads) {
		const given = words.flatMap((word, at) => (word === '-f' || word === '--file' ? [words[at + 1] ?? ''] : []));
		return {files: given.length > 0 ? given.map(fileName) : reads, scripts: []};
	}
	if (INTERPRETERS.test(program)) {
		const inline = words.findIndex(word => /^-[a-z]*c$/.test(word));
		if (inline >= 0) return simple(words.slice(inline + 1));
		// Test files change with every task; only what runs them counts.
		if (words.includes('--test')) return none;
		const script = words.find(word => !word.startsWith('-') && word !== 'run');
		return script === undefined || script.startsWith('/') ? none : {files: [fileName(script)], scripts: []};
	}
	return program.includes('/') && !program.startsWith('/') ? {files: [fileName(program)], scripts: []} : none;
};

/**
 * Finds what a shell command runs from the repository: scripts, makefiles, package scripts. It reads the words and follows nothing further,
 * so an empty result is no proof that nothing runs.
 */
export const runBy = (command: string): RunBy => {
	const parts = command
		.replace(/['"]/g, ' ')
		.split(/&&|\|\||[;|&\n`(){}]|\$\(/)
		.map(part => simple(part.trim().split(/\s+/).filter(Boolean)));
	return {files: parts.flatMap(({files}) => files), scripts: parts.flatMap(({scripts}) => scripts)};
};

/** Returns the scripts of a `package.json`; {} if it is none. */
export const packageScripts = (text: string): Readonly<Record<string, string>> => {
	try {
		const value: unknown = JSON.parse(text);
		const scripts = typeof value === 'object' && value && 'scripts' in value ? value.scripts : undefined;
		const entries = typeof scripts === 'object' && scripts ? Object.entries(scripts) : [];
		return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
	} catch {
		return {};
	}
};

/** Returns the scripts that run, starting with `first`: a script may call another. */
const reached = (scripts: Readonly<Record<string, string>>, first: readonly string[]): ReadonlyMap<string, string> => {
	const found = new Map<string, string>();
	const queue = [...first];
	for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
		const text = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
		if (text === undefined || found.has(name)) continue;
		found.set(name, text);
		const words = text.split(/[^\w:.@/-]+/);
		queue.push(
			...Object.keys(scripts)
				.filter(other => words.includes(other))
				.flatMap(around),
		);
	}
	return found;
};

/** Returns the names of scripts that changed and that a command starting with `first` would run. */
export const changedScripts = (before: string, after: string, first: readonly string[]): readonly string[] => {
	const [old, now] = [reached(packageScripts(before), first), reached(packageScripts(after), first)];
	return [...new Set([...old.keys(), ...now.keys()])].filter(name => old.get(name) !== now.get(name));
};

/** Whether a command names a repository path; after a `cd` it names only the end of it. */
export const isNamed = (path: string, files: readonly string[]): boolean =>
	files.some(file => file !== '' && (path === file || path.endsWith(`/${file}`)));
