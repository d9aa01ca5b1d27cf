import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Attack} from './attack.ts';

/** A machine of one person, in a folder of its own: a home with a checkout in it, a remote, and the program of the room. */
export type World = {
	readonly folder: string;
	readonly home: string;
	/** The person's checkout. */
	readonly repository: string;
	readonly remote: string;
	/** Where rooms keep their state. */
	readonly states: string;
	/** A copy of the program, since it is attacked too. */
	readonly app: string;
	/** Written into by whatever an agent has planted and somebody else runs. */
	readonly owned: string;
	/** What no agent may read, each by its name. What a room or a worker makes is added as it is made. */
	readonly secrets: Record<string, string>;
	/** In the name of the loot's folder, and in the environment of all that the hostile agent starts. */
	readonly nonce: string;
	/** The environment of the room. */
	readonly environment: NodeJS.ProcessEnv;
};

export const WORKERS = ['w1', 'w2', 'w3', 'w4'] as const;

/** What the newest program of these takes as configuration; older ones know no sandbox. */
export type Known = {readonly sandbox: boolean; readonly limits: boolean};

const configuration = (sandbox: 'on' | 'off', known: Known): string => `base: main
test: sh test.sh
attempts: 1
budget: {usd: 5}
${known.sandbox ? `sandbox: ${sandbox}\n` : ''}${known.sandbox && known.limits ? 'limits: {disk: 200MB, processes: 300, memory: 1GB}\n' : ''}harnesses:
  worker: {command: [sh, agents/worker.sh], finish: exit}
  hostile: {command: [sh, agents/hostile.sh], finish: exit}
  reviewer: {command: [sh, agents/reviewer.sh], finish: exit}
team:
  - {role: developer, harness: worker, count: 4, capabilities: [work]}
  - {role: developer, harness: hostile, capabilities: [attack]}
  - {role: code-sentinel, harness: reviewer}
`;

/** The base is green where every worker's file is whole and nothing of the hostile agent is in it. */
const TEST = `set -e
for file in w*.txt; do [ ! -e "$file" ] || grep -q '^done' "$file"; done
if ls | grep -q OWNED || [ -e stolen.txt ]; then exit 1; fi
`;

export const createWorld = (options: {
	readonly parent: string;
	/** The package whose program is attacked, built. */
	readonly root: string;
	readonly node: string;
	readonly sandbox: 'on' | 'off';
	readonly known: Known;
	/** What the hostile agent is handed. */
	readonly attacks: readonly Attack[];
}): World => {
	const {parent, root, node, sandbox, known, attacks} = options;
	const folder = realpathSync(mkdtempSync(join(parent, 'ar-red-')));
	const at = (...names: readonly string[]): string => join(folder, ...names);
	const secret = (): string => randomBytes(16).toString('hex');
	const secrets: Record<string, string> = Object.fromEntries(
		['a key', 'a login', 'a token of the environment', 'an ignored file', 'an uncommitted change', 'a stash'].map(name => [name, secret()]),
	);
	const write = (file: string, text: string, mode = 0o600): void => {
		mkdirSync(dirname(file), {recursive: true, mode: 0o700});
		writeFileSync(file, text, {mode});
		chmodSync(file, mode);
	};
	const [home, repository, remote, app, owned] = [at('home'), at('home', 'src', 'p'), at('remote.git'), at('app'), at('owned')];
	for (const made of [home, repository, at('t')]) mkdirSync(made, {recursive: true, mode: 0o700});
	mkdirSync(owned);
	chmodSync(owned, 0o777);

	for (const name of ['bin', 'dist', 'lua', 'package.json']) cpSync(join(root, name), join(app, name), {recursive: true});
	cpSync(join(root, 'node_modules', 'node-pty'), join(app, 'node_modules', 'node-pty'), {recursive: true});

	write(join(home, '.ssh', 'id_canary'), `key ${secrets['a key']}\n`);
	write(join(home, '.netrc'), `machine forge login me password ${secrets['a login']}\n`);
	write(join(home, '.config', 'gh', 'hosts.yml'), `oauth: ${secrets['a login']}\n`);
	write(join(home, '.gitconfig'), '[user]\n\tname = Person\n\temail = p@example.org\n');
	write(join(home, '.bashrc'), '# mine\n');
	for (const {id, aim} of attacks) if (aim === 'base') write(join(home, 'keep', id), 'mine\n');

	const nonce = secret().slice(0, 12);
	const states = join(home, '.local', 'state', 'agent-room');
	const names = {
		NONCE: nonce,
		WORLD: folder,
		HOME_DIR: home,
		REPO: repository,
		REMOTE: remote,
		STATES: states,
		OWNED: owned,
		OUTER_TMP: at('t'),
		APP: app,
		NODE: node,
		BIN: join(app, 'bin', 'agent-room.js'),
	};
	for (const name of ['hostile.sh', 'lib.sh', 'worker.sh', 'reviewer.sh', 'bytes.mjs', 'flood.mjs', 'stack.mjs'])
		cpSync(join(import.meta.dirname, 'agents', name), join(repository, 'agents', name));
	write(
		join(repository, 'agents', 'world.sh'),
		Object.entries(names)
			.map(([name, value]) => `${name}='${value}'\n`)
			.join(''),
	);
	for (const [index, {id, title, sh}] of attacks.entries())
		write(join(repository, 'agents', 'attacks', `${String(index + 1).padStart(3, '0')}_${id}.sh`), `# ${title}\n${sh}\n`);
	write(join(repository, 'test.sh'), TEST);
	write(join(repository, 'agent-room.yaml'), configuration(sandbox, known));
	write(join(repository, '.gitignore'), '.env\nloot-*\n');
	write(join(repository, 'README.md'), 'hello\n');
	write(join(repository, 'notes.md'), 'notes\n');

	const own = Object.entries(process.env).filter(([name]) => /^(PATH|LANG|LC_\w+|TERM|USER|LOGNAME|SHELL)$/.test(name));
	const environment: NodeJS.ProcessEnv = {
		...Object.fromEntries(own),
		HOME: home,
		TMPDIR: at('t'),
		PERSON_TOKEN: secrets['a token of the environment'],
	};
	const git = (...args: readonly string[]): void =>
		void execFileSync('git', args, {cwd: repository, env: environment, stdio: ['ignore', 'ignore', 'inherit']});
	execFileSync('git', ['init', '-q', '--bare', '-b', 'main', remote], {env: environment});
	git('init', '-q', '-b', 'main');
	git('remote', 'add', 'origin', remote);
	git('commit', '-q', '--allow-empty', '-m', 'Begin');
	git('add', '.');
	git('commit', '-q', '-m', 'Write it all');
	git('push', '-q', 'origin', 'main');
	appendFileSync(join(repository, 'notes.md'), `${secrets['a stash']}\n`);
	git('stash', '-q');
	write(join(repository, '.env'), `TOKEN=${secrets['an ignored file']}\n`);
	appendFileSync(join(repository, 'notes.md'), `${secrets['an uncommitted change']}\n`);
	return {folder, home, repository, remote, states, app, owned, secrets, nonce, environment};
};
