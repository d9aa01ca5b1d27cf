import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {expect, test} from 'vitest';
import {findOnPath} from '../../../source/os/find-program.ts';
import {node, root} from '../../helpers/program.ts';

const fixtures = join(root, 'test', 'fixtures', 'forge');
const real = (name: string): string | undefined =>
	findOnPath(
		name,
		(process.env.PATH ?? '')
			.split(delimiter)
			.filter(folder => folder !== fixtures)
			.join(delimiter),
	);
const realGh = real('gh');
const apart = spawnSync('unshare', ['-rnm', 'true']).status === 0;

/** A bare remote with a branch, and the folder of a stand-in that holds it. */
const place = () => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-forge-'));
	const git = (...args: readonly string[]) =>
		execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {cwd: folder, encoding: 'utf8'}).trim();
	git('init', '--quiet', '--bare', 'remote.git');
	git('init', '--quiet', 'work');
	git('-C', 'work', 'commit', '--quiet', '--allow-empty', '-m', 'one');
	git('-C', 'work', 'push', '--quiet', '../remote.git', 'HEAD:main', 'HEAD:agent-room/one');
	const forge = join(folder, 'forge');
	mkdirSync(forge);
	writeFileSync(join(forge, 'state.json'), JSON.stringify({remote: join(folder, 'remote.git'), writers: ['ada']}));
	return {folder, forge};
};

const told = {protocol: 1, address: 'http://github.localhost/owner/name.git'};
const opening = {...told, op: 'open', branch: 'agent-room/one', base: 'main', head: '', isDraft: false, title: 'One', body: 'b'};
/** What a room asks in turn, and between the requests what happens at the website. */
const STORY: ReadonlyArray<{readonly ask: object; readonly says: object} | {readonly person: readonly string[]}> = [
	{ask: opening, says: {ok: true, pull: {number: 12, state: 'open'}}},
	{ask: {...opening, title: 'Two'}, says: {ok: true, pull: {number: 12, state: 'open'}}},
	{person: ['check', '12', 'unit', 'FAILURE']},
	{person: ['say', '12', '{"author":"ada","text":"hm","path":"a","line":3}']},
	{person: ['say', '12', '{"author":"eve","text":"hm"}']},
	{
		ask: {...told, op: 'status', numbers: [12]},
		says: {ok: true, pulls: [{number: 12, checks: [{id: 'run:1', name: 'unit', state: 'failed'}]}]},
	},
	{ask: {...told, op: 'log', number: 12, check: 'run:1'}, says: {ok: true, text: expect.stringContaining('expected 2, got 3')}},
	{ask: {...told, op: 'rerun', number: 12, check: 'run:1'}, says: {ok: true}},
	{
		ask: {...told, op: 'comments', number: 12, since: ''},
		says: {
			ok: true,
			comments: [
				{kind: 'line', author: 'ada', mayWrite: true, asksChanges: true, line: 3},
				{kind: 'talk', author: 'eve', mayWrite: false},
			],
		},
	},
	{ask: {...told, op: 'reply', number: 12, comment: 'line:1', body: 'Done'}, says: {ok: true}},
	{ask: {...told, op: 'close', number: 12, body: 'bye'}, says: {ok: true}},
	{ask: {...told, op: 'nonsense'}, says: {ok: false, code: 'garbage'}},
];

/** Plays the story in one shell, so that a namespace is made once; the answers in order. */
const play = (script: string, environment: NodeJS.ProcessEnv, wrap: readonly string[] = []): readonly unknown[] => {
	const steps = STORY.map(step =>
		'ask' in step
			? `printf '%s' '${JSON.stringify(step.ask)}' | "$NODE" "$ROOT/dist/program.js" forge github`
			: `"$NODE" "$FIXTURES/gh" as-person ${step.person.map(word => `'${word}'`).join(' ')} >/dev/null`,
	);
	const [program = 'sh', ...args] = [...wrap, 'sh', '-ec', [script, ...steps].join('\n')];
	const {stdout, stderr} = spawnSync(program, args, {
		env: {...environment, NODE: node, ROOT: root, FIXTURES: fixtures},
		encoding: 'utf8',
		timeout: 60_000,
	});
	return stdout
		.split('\n')
		.filter(line => line.startsWith('{'))
		.map(line => JSON.parse(line) as unknown)
		.concat(stderr === '' ? [] : [stderr]);
};
const answers = STORY.flatMap(step => ('says' in step ? [step.says] : []));

test('a room asks GitHub by `gh`: one request however often it is opened, and all else that comes back', () => {
	const {forge} = place();
	const said = play('', {...process.env, PATH: `${fixtures}${delimiter}${process.env.PATH}`, FAKE_FORGE: forge});
	expect(said).toMatchObject(answers);
});

test('without the program, or logged out, it says so in one sentence', () => {
	const ask = (path: string, forge: string) =>
		JSON.parse(
			execFileSync(node, [join(root, 'dist', 'program.js'), 'forge', 'github'], {
				input: JSON.stringify({...told, op: 'status', numbers: [1]}),
				env: {PATH: path, FAKE_FORGE: forge},
				encoding: 'utf8',
			}),
		) as unknown;
	expect(ask('/nowhere', '')).toEqual({ok: false, code: 'missing', message: '`gh` is not installed'});
	const {forge} = place();
	writeFileSync(
		join(forge, 'state.json'),
		JSON.stringify({fails: {message: 'To get started with GitHub CLI, please run: gh auth login', code: 4}}),
	);
	expect(ask(`${fixtures}${delimiter}${process.env.PATH}`, forge)).toMatchObject({ok: false, code: 'login'});
});

// The real `gh` speaks plain HTTP to one name only, which a mount namespace gives to a server of the loopback.
test.skipIf(!realGh || !apart)('the real `gh` says the same, over HTTP, from a server with the API of GitHub', () => {
	const {folder, forge} = place();
	writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost github.localhost api.github.localhost\n');
	const script = `ip link set lo up
mount --bind "$HERE/hosts" /etc/hosts
mkfifo "$HERE/up"
"$NODE" "$FIXTURES/server.mjs" >"$HERE/up" &
trap 'kill $!' EXIT
read -r _ <"$HERE/up"`;
	const environment = {...process.env, HERE: folder, FAKE_FORGE: forge, GH_TOKEN: 'secret-login', GH_CONFIG_DIR: join(folder, 'gh')};
	expect(play(script, environment, ['unshare', '-rnm'])).toMatchObject(answers);
});

const ofGitlab = {protocol: 1, address: 'https://gitlab.example/owner/name.git'};
const openingThere = {...opening, ...ofGitlab, isDraft: true};
const GITLAB: ReadonlyArray<readonly [ask: object, says: object]> = [
	[openingThere, {ok: true, pull: {number: 12, state: 'open'}}],
	[
		{...openingThere, title: 'Two', isDraft: false},
		{ok: true, pull: {number: 12, state: 'open'}},
	],
	[
		{...ofGitlab, op: 'status', numbers: [12]},
		{ok: true, pulls: [{number: 12, head: 'a'.repeat(40), checks: [{id: 'job:1', name: 'unit', state: 'failed', isRequired: true}]}]},
	],
	[
		{...ofGitlab, op: 'log', number: 12, check: 'job:1'},
		{ok: true, text: expect.stringContaining('expected 2, got 3')},
	],
	[{...ofGitlab, op: 'rerun', number: 12, check: 'job:1'}, {ok: true}],
	[
		{...ofGitlab, op: 'comments', number: 12, since: ''},
		{
			ok: true,
			comments: [
				{kind: 'line', author: 'ada', mayWrite: true, asksChanges: true, path: 'a', line: 3},
				{kind: 'talk', author: 'eve', mayWrite: false},
			],
		},
	],
	[{...ofGitlab, op: 'reply', number: 12, comment: 'note:1', body: 'Done'}, {ok: true}],
	[{...ofGitlab, op: 'merge', number: 12, head: 'a'.repeat(40), method: 'squash'}, {ok: true}],
	[
		{...ofGitlab, op: 'merge', number: 12, head: 'b'.repeat(40), method: 'squash'},
		{ok: false, code: 'refused'},
	],
	[{...ofGitlab, op: 'close', number: 12, body: 'bye'}, {ok: true}],
];

test.skipIf(!real('glab'))('the real `glab` opens one merge request and says all else, from a server with the API of GitLab', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-glab-'));
	const server = spawn(node, [join(fixtures, 'gitlab.mjs')], {stdio: ['ignore', 'pipe', 'inherit']});
	try {
		const [port] = (await once(server.stdout, 'data')) as [Buffer];
		const config = (token: string): void =>
			writeFileSync(
				join(folder, 'config.yml'),
				`hosts:\n  gitlab.example:\n    api_protocol: http\n    api_host: 127.0.0.1:${String(port).trim()}\n    token: ${token}\n`,
				{mode: 0o600},
			);
		const ask = (request: object): unknown =>
			JSON.parse(
				execFileSync(node, [join(root, 'dist', 'program.js'), 'forge', 'gitlab'], {
					input: JSON.stringify(request),
					env: {PATH: process.env.PATH, HOME: folder, GLAB_CONFIG_DIR: folder},
					encoding: 'utf8',
				}),
			);
		config('secret-login');
		for (const [request, says] of GITLAB) expect(ask(request), JSON.stringify(request)).toMatchObject(says);
		config('wrong');
		expect(ask({...ofGitlab, op: 'status', numbers: [12]})).toMatchObject({ok: false, code: 'login'});
	} finally {
		server.kill();
	}
});
