import {execFileSync, spawn} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {quote} from '../../source/core/text/quote.ts';

const root = join(import.meta.dirname, '..', '..');
const node = join(root, 'node_modules', '.bin', 'node');
const SHOWN = '/home/you/acme';

/** The agent of the recording: it writes a file, or approves. */
const AGENT = `#!/bin/sh
set -eu
if [ "$AGENT_ROOM_STAGE" = review ]; then exec agent-room report done --verdict approve; fi
echo '<form>Log in</form>' >login.html
`;

const TEST = "import {test} from 'node:test';\ntest('nothing yet', () => {});\n";

/** A repository with a test command and a PATH with \`agent-room\` and something called \`claude\`; a shell script works in its place. */
const createWorld = (): {readonly folder: string; readonly repository: string; readonly env: NodeJS.ProcessEnv} => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'readme-')));
	const [bin, repository, config] = [join(folder, 'bin'), join(folder, 'acme'), join(folder, 'config.yaml')];
	for (const made of [bin, repository, join(folder, 's'), join(folder, 'c'), join(folder, 't')]) mkdirSync(made);
	const program = (name: string, text: string): void => {
		writeFileSync(join(bin, name), text);
		chmodSync(join(bin, name), 0o755);
	};
	program('agent-room', `#!/bin/sh\nexec ${quote(node)} ${quote(join(root, 'bin', 'agent-room.js'))} "$@"\n`);
	program('claude', '#!/bin/sh\nexit 1\n');
	program('agent.sh', AGENT);
	const agent = join(bin, 'agent.sh');
	writeFileSync(
		config,
		`test: npm test\nreadable: [${bin}]\nharnesses: {mine: {command: [${agent}]}}\nteam: [{role: developer, harness: mine, count: 2}, {role: code-sentinel, harness: mine}]\n`,
	);
	writeFileSync(join(repository, 'package.json'), '{"name": "acme", "type": "module", "scripts": {"test": "node --test"}}\n');
	writeFileSync(join(repository, 'acme.test.js'), TEST);
	const env: NodeJS.ProcessEnv = {
		PATH: [bin, dirname(node), ...(process.env.PATH ?? '').split(':').filter(path => !path.includes('node_modules'))].join(':'),
		HOME: folder,
		TMPDIR: join(folder, 't'),
		LANG: 'C.UTF-8',
		TZ: 'UTC',
		NO_COLOR: '1',
		XDG_STATE_HOME: join(folder, 's'),
		XDG_CONFIG_HOME: join(folder, 'c'),
		AGENT_ROOM_CONFIG: config,
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_CONFIG_NOSYSTEM: '1',
	};
	const git = (...args: readonly string[]): unknown => execFileSync('git', args, {cwd: repository, env});
	git('init', '--quiet', '--initial-branch', 'main');
	git('config', 'user.name', 'You');
	git('config', 'user.email', 'you@example.org');
	git('add', '.');
	git('commit', '--quiet', '--message', 'Begin');
	return {folder, repository, env};
};

/** What a command prints to a person, both streams in their order. */
const output = (command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> =>
	new Promise((resolve, reject) => {
		let text = '';
		const child = spawn('sh', ['-c', `${command} 2>&1`], {cwd, env, stdio: ['ignore', 'pipe', 'inherit']});
		child.stdout.setEncoding('utf8').on('data', (part: string) => {
			text += part;
		});
		child.once('error', reject);
		child.once('close', () => resolve(text));
	});

const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

/** The blocks of a shell session in a page: a line that begins with `$ ` is typed, the others are what came of it. */
const sessionOf = (page: string): readonly string[] => [...page.matchAll(BLOCK)].map(([, text = '']) => text);

/** The page with what its sessions print today, all of them one after the other in one world, which is removed. */
export const recordSessions = async (page: string): Promise<string> => {
	const {folder, repository, env} = createWorld();
	try {
		const blocks: string[] = [];
		for (const block of sessionOf(page)) {
			let text = '';
			for (const line of block.split('\n').filter(typed => typed.startsWith('$ ')))
				text += `${line}\n${(await output(line.slice(2), repository, env)).replaceAll(repository, SHOWN)}`;
			blocks.push(text);
		}
		return page.replace(BLOCK, () => `\`\`\`console\n${blocks.shift()}\`\`\``);
	} finally {
		rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
	}
};

/** Sessions without what differs from one recording to the next: times of day and commits. */
export const comparable = (page: string): string =>
	sessionOf(page)
		.join('\n')
		.replace(/\b\d\d:\d\d:\d\d\b/g, '00:00:00')
		.replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{7}\b/g, '0000000');
