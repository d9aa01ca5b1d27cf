/**
 * `npm run release -- --dry-run`: packs what is committed, installs the tarball in a bare folder, and plays the demo from there to its end, in a
 * terminal. `npm run release -- --publish` does the same, and publishes that very tarball once a person has typed its version.
 */
import {execFileSync, spawn} from 'node:child_process';
import {globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import {parseArgs} from 'node:util';
import * as z from 'zod';
import {openOnScreen} from '../helpers/on-screen.ts';
import {readEntries, releaseProblems} from './changelog.ts';
import {playDemo} from './demo.ts';

const root = join(import.meta.dirname, '..', '..');
const MEGABYTE = 1e6;

/** A release that may not be, or does not work: each line is one reason. */
class Refused extends Error {
	readonly reasons: readonly string[];

	constructor(...reasons: readonly string[]) {
		super(reasons.join('\n'));
		this.name = 'Refused';
		this.reasons = reasons;
	}
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seen = (line: string): void => say(`✓ ${line}`);

const git = (...args: readonly string[]): string => execFileSync('git', args, {cwd: root, encoding: 'utf8'});

/** Files that are not as they are committed. */
const changed = (): readonly string[] =>
	git('status', '--porcelain', '-z', '--no-renames')
		.split('\0')
		.filter(Boolean)
		.map(entry => entry.slice(3));

/** As a person's shell has it: without what npm tells the scripts that it runs. */
const plainEnvironment = (): Record<string, string> =>
	Object.fromEntries(
		Object.entries(process.env).flatMap(([name, value]) =>
			value === undefined || /^(npm_|AGENT_ROOM_|GIT_|NODE_|INIT_CWD$)/.test(name) ? [] : [[name, value] as const],
		),
	);

const npm = (args: readonly string[], cwd: string): Promise<string> =>
	new Promise((resolve, reject) => {
		const child = spawn('npm', args, {cwd, env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe']});
		let [printed, errors] = ['', ''];
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			errors += text;
		});
		child.once('error', reject);
		child.once('close', code =>
			code === 0
				? resolve(printed)
				: reject(new Refused(`\`npm ${args.join(' ')}\` failed.`, ...`${printed}${errors}`.trim().split('\n').slice(-20))),
		);
	});

const manifestSchema = z.object({
	name: z.string(),
	version: z.string(),
	dependencies: z.record(z.string(), z.string()),
	repository: z.object({url: z.string()}),
});
const readManifest = (folder: string) => manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
const packedSchema = z.tuple([
	z.object({filename: z.string(), size: z.number(), entryCount: z.number(), files: z.array(z.object({path: z.string()}))}),
]);

/** Nothing is released that is not committed, dated, and newer than what is. */
const check = (version: string): void => {
	const changelog = readFileSync(join(root, 'source', 'guide', 'changelog.md'), 'utf8');
	const released = git('tag', '--list', 'v*')
		.split('\n')
		.map(tag => tag.slice(1))
		.filter(Boolean);
	const today = new Date().toISOString().slice(0, 10);
	const problems = releaseProblems({version, changelog, changed: changed(), today, released});
	if (problems.length > 0) throw new Refused(...problems);
	seen(`${version} is above what is released, in the changelog, and committed as ${git('rev-parse', '--short', 'HEAD').trim()}`);
};

/** The tarball, built anew from what is committed. */
const pack = async (folder: string): Promise<string> => {
	const printed = await npm(['pack', '--json', '--pack-destination', folder], root);
	// What `prepare` prints comes first.
	const [{filename, size, entryCount, files}] = packedSchema.parse(JSON.parse(printed.slice(printed.search(/^\[/m))));
	const strange = files
		.map(({path}) => path)
		.filter(path => !/^(bin|dist|lua|source\/guide)\/|^(LICENSE|README\.md|package\.json)$/.test(path));
	if (strange.length > 0) throw new Refused(`The tarball holds what is no part of it: ${strange.join(', ')}.`);
	seen(`packed: ${filename}, ${entryCount} files, ${(size / MEGABYTE).toFixed(1)} MB`);
	return join(folder, filename);
};

/** Packages in a folder of them, with those of scopes. */
const packagesIn = (modules: string): readonly string[] => globSync(['[^.@]*', '@*/*'], {cwd: modules}).toSorted();

/** Installs the tarball as anybody would, in a folder that has nothing else. */
const install = async (tarball: string, folder: string): Promise<void> => {
	const {name, dependencies} = readManifest(root);
	mkdirSync(folder);
	writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
	await npm(['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', tarball], folder);
	const installed = packagesIn(join(folder, 'node_modules'));
	const missing = [name, ...Object.keys(dependencies)].filter(wanted => !installed.includes(wanted));
	if (missing.length > 0) throw new Refused(`Not installed: ${missing.join(', ')}.`);
	const size = globSync('**/*', {cwd: join(folder, 'node_modules'), withFileTypes: true})
		.filter(entry => entry.isFile())
		.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
	seen(`installed into a bare folder: ${installed.join(', ')}; ${(size / MEGABYTE).toFixed(1)} MB`);
};

/** The installed program, with a home of its own, and this Node first on the PATH. */
const play = async (folder: string, version: string): Promise<void> => {
	for (const name of ['bin', 'home', 't']) mkdirSync(join(folder, name));
	symlinkSync(process.execPath, join(folder, 'bin', 'node'));
	const program = join(folder, 'bare', 'node_modules', '.bin', 'agent-room');
	const outside = (process.env.PATH ?? '').split(':').filter(path => !path.includes('node_modules') && !path.includes('node-gyp-bin'));
	const env = {
		PATH: [join(folder, 'bin'), ...outside].join(':'),
		HOME: join(folder, 'home'),
		TMPDIR: join(folder, 't'),
		LANG: 'C.UTF-8',
		TERM: 'xterm-256color',
	};
	const says = (...args: readonly string[]): string => execFileSync(program, args, {cwd: folder, env, encoding: 'utf8'}).trim();
	const told = says('--version');
	if (told !== version) throw new Refused(`The installed program calls itself \`${told}\`.`);
	const {text} = z.object({text: z.string()}).parse(JSON.parse(says('help', 'changelog', '--json')));
	if (readEntries(text)[0]?.version !== version) throw new Refused('The installed guide has another changelog.');
	seen(`\`agent-room --version\` says ${told}, and so does \`agent-room help changelog\``);
	const terminal = openOnScreen({command: [program, 'demo'], cwd: folder, env, columns: 160, rows: 45, deadlineMs: 180_000});
	try {
		const words = await playDemo(terminal);
		seen('the demo, in a terminal of 160x45, to its end:');
		for (const line of words) say(`    ${line}`);
	} finally {
		terminal.close();
		// Of a demo that did not come to its end a room may still run.
		for (const script of globSync('agent-room-demo-*/room', {cwd: env.TMPDIR}))
			try {
				execFileSync('sh', [join(env.TMPDIR, script), 'stop'], {env, stdio: 'ignore'});
			} catch {
				// None does.
			}
	}
};

/** Everything short of publishing; the tarball that was tried. */
const dryRun = async (folder: string, version: string): Promise<string> => {
	check(version);
	const tarball = await pack(folder);
	await install(tarball, join(folder, 'bare'));
	await play(folder, version);
	if (changed().length > 0) throw new Refused('Building it changes what is committed.');
	return tarball;
};

/** npm checks the repository that publishes against the manifest, so a manifest that names another one is found before anything is packed. */
const checkRepository = (): void => {
	const {url} = readManifest(root).repository;
	const wanted = url.replace(/^git\+https:\/\/|\.git$/g, '').toLowerCase();
	const remotes = git('remote', '--verbose').toLowerCase().replaceAll(':', '/');
	if (!remotes.includes(wanted))
		throw new Refused(`\`repository.url\` in package.json is \`${url}\`, which is no remote of this checkout.`);
};

/** Only what was tried is published, and only once a person has typed its version. */
const publish = async (tarball: string, version: string): Promise<void> => {
	const lines = createInterface({input: process.stdin, output: process.stdout});
	const typed = await lines.question(`\nPublish ${version}? Type the version to do it: `);
	lines.close();
	if (typed.trim() !== version) throw new Refused('Nothing was published.');
	// Only a build service can vouch for where a package comes from: from a terminal it is published without that.
	execFileSync('npm', ['publish', '--no-provenance', tarball], {cwd: dirname(tarball), env: plainEnvironment(), stdio: 'inherit'});
	say(`Published. Now: git tag v${version} && git push origin v${version}`);
};

const wanted = (): 'dry-run' | 'publish' => {
	const {values} = parseArgs({strict: false, options: {'dry-run': {type: 'boolean'}, publish: {type: 'boolean'}}});
	const [mode, ...more] = Object.keys(values);
	if ((mode !== 'dry-run' && mode !== 'publish') || more.length > 0) throw new Refused('npm run release -- --dry-run | --publish');
	// What a program types is no person's word.
	const isPerson = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI && !process.env.AGENT_ROOM_AGENT;
	if (mode === 'publish' && !isPerson) throw new Refused('`--publish` is for a person at a terminal.');
	return mode;
};

const main = async (): Promise<number> => {
	// Short: sockets of the demo lie below it.
	const folder = mkdtempSync(join(tmpdir(), 'release-'));
	try {
		const mode = wanted();
		const {name, version} = readManifest(root);
		say(`${name} ${version}`);
		if (mode === 'publish') checkRepository();
		const tarball = await dryRun(folder, version);
		if (mode === 'publish') await publish(tarball, version);
		else say('Nothing was published: this was a dry run.');
		return 0;
	} catch (error) {
		for (const line of error instanceof Refused ? error.reasons : [String(error)]) process.stderr.write(`✗ ${line}\n`);
		return 1;
	} finally {
		rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
	}
};

process.exitCode = await main();
