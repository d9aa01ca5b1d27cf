import {describe, expect, test} from 'vitest';
import {nextOf, sortComments} from '../../../source/core/forge/next.ts';
import {type ForgeOperation, readForgeAnswer} from '../../../source/core/forge/protocol.ts';
import {NO_PULL} from '../../../source/core/task/pull.ts';
import type {Ran, RunCli} from '../../../source/programs/forge/cli.ts';
import {runForge} from '../../../source/programs/forge/forge.ts';
import {github} from '../../../source/programs/forge/github.ts';

const place = {host: 'github.com', owner: 'owner', name: 'name'};
const head = 'a'.repeat(40);
const pull = {...NO_PULL, number: 12, state: 'open', head} as const;

/** A `gh` that answers each call by the first of these whose words are in its arguments or input. */
const cliOf =
	(answers: ReadonlyArray<readonly [words: string, answer: unknown]>): RunCli =>
	async (args, input = '') => {
		const [, found] = answers.find(([words]) => `${args.join(' ')} ${input}`.includes(words)) ?? [
			'',
			{stderr: 'gh: Not Found (HTTP 404)', code: 1},
		];
		const ran = found as Partial<Ran> & object;
		return 'stdout' in ran || 'stderr' in ran
			? {code: 0, stdout: '', stderr: '', ...ran}
			: {code: 0, stdout: JSON.stringify(found), stderr: ''};
	};

type Run = {
	readonly name: string;
	readonly how: string;
	readonly at?: string;
	readonly workflow?: string;
	readonly event?: string;
	readonly summary?: string;
};

const rollup = (runs: readonly Run[], more: object = {}) => ({
	data: {
		repository: {
			p12: {
				...{number: 12, url: 'https://github.com/owner/name/pull/12', state: 'OPEN', headRefOid: head},
				commits: {
					nodes: [
						{
							commit: {
								statusCheckRollup: {
									contexts: {
										nodes: runs.map(({name, how, at = '1', workflow, event = 'push', summary = ''}, index) => ({
											...{
												__typename: 'CheckRun',
												databaseId: index + 1,
												name,
												status: 'COMPLETED',
												conclusion: how,
												startedAt: at,
												summary,
											},
											checkSuite: {workflowRun: workflow ? {event, workflow: {name: workflow}} : null},
										})),
									},
									...more,
								},
							},
						},
					],
				},
			},
		},
	},
});

/** What a room reads of a program's answer. */
const read = async <Operation extends ForgeOperation>(op: Operation, value: Promise<Readonly<Record<string, unknown>>>) =>
	readForgeAnswer(op, JSON.stringify({ok: true, ...(await value)}));

const statusOf = async (runs: readonly Run[], more?: object) => {
	const said = await read(
		'status',
		github(cliOf([['p12:pullRequest', rollup(runs, more)]]), place)
			.status([12])
			.then(pulls => ({pulls})),
	);
	const [now] = said.ok ? said.pulls : [];
	if (!now) throw new Error('no pull request');
	return now;
};

describe('checks', () => {
	const again = {
		...pull,
		seen: [
			`again:${head}:unit:run%3A0`,
			...['CI%20%2F%20unit%20(push)', 'CI%20%2F%20unit%20(pull_request)'].map(name => `again:${head}:${name}:run:0`),
		],
	};
	test.each<[what: string, runs: readonly Run[], next: string]>([
		[
			'of one name in two workflows: neither hides the other',
			[
				{name: 'unit', how: 'FAILURE', workflow: 'CI'},
				{name: 'unit', how: 'SUCCESS', at: '2', workflow: 'Nightly'},
			],
			'failed',
		],
		[
			'of one name for two events of one workflow',
			[
				{name: 'unit', how: 'FAILURE', workflow: 'CI', event: 'pull_request'},
				{name: 'unit', how: 'SUCCESS', at: '2', workflow: 'CI'},
			],
			'failed',
		],
		[
			'of one name and one workflow: the later one replaced the earlier',
			[
				{name: 'unit', how: 'FAILURE', workflow: 'CI'},
				{name: 'unit', how: 'SUCCESS', at: '2', workflow: 'CI'},
			],
			'passed',
		],
		[
			'of one name that began together: the worse counts',
			[
				{name: 'unit', how: 'SUCCESS', workflow: 'CI'},
				{name: 'unit', how: 'FAILURE', workflow: 'CI'},
			],
			'failed',
		],
	])('%s', async (_, runs, next) => {
		expect(nextOf(again, await statusOf(runs)).kind).toBe(next);
	});

	test('more than can be listed count as the forge counts them', async () => {
		const runs = Array.from({length: 100}, (_, at): Run => ({name: `unit-${at}`, how: 'SUCCESS'}));
		const contexts = rollup(runs).data.repository.p12.commits.nodes[0]?.commit.statusCheckRollup.contexts;
		const of = (state: string) => statusOf(runs, {state, contexts: {...contexts, totalCount: 140}});
		expect(nextOf(pull, await of('FAILURE'))).toMatchObject({kind: 'rerun', check: {name: 'all 140 checks'}});
		expect(nextOf(pull, await of('PENDING')).kind).toBe('pending');
		expect(nextOf(pull, await of('SUCCESS')).kind).toBe('passed');
	});

	test('with escapes in name and summary are shown plain; a long one is cut, and none makes the answer too long', async () => {
		const now = await statusOf([{name: 'u\u001b]0;x\u0007nit\u202e\n`rm`', how: 'FAILURE', summary: `\u001b[2J${'x'.repeat(70_000)}`}]);
		expect(JSON.stringify(now)).not.toMatch(/\\u00(?:1b|07)|\u202e/);
		expect(now.checks[0]?.name).not.toContain('\n');
		expect(now.checks[0]?.summary.length).toBeLessThan(2100);
	});
});

/** As `gh api graphql` and `gh api` say them: 5,000 of which GitHub gives the newest 100 of each kind. */
const talked = (count: number, body: string) => ({
	data: {
		repository: {
			pullRequest: {
				reviews: {nodes: [{databaseId: 1, author: {login: 'ada'}, body: 'No.', state: 'CHANGES_REQUESTED', submittedAt: '2026-01-01'}]},
				comments: {
					nodes: Array.from({length: Math.min(100, count)}, (_, at) => ({
						...{databaseId: count - at, author: {login: `eve-${at % 50}`}, body, updatedAt: '2026-01-02'},
					})),
				},
			},
		},
	},
});

test('5,000 comments: the newest are read in a few requests, cut, and the one that asks for a change is among them', async () => {
	const calls: string[] = [];
	const answers = cliOf([
		['graphql', talked(5000, `\u001b[31m${'y'.repeat(65_000)}`)],
		['pulls/12/comments', Array.from({length: 100}, (_, at) => ({id: at + 1, user: null, body: 'z'.repeat(65_000), path: 'a', line: 1}))],
		['api --hostname github.com -H Accept: application/vnd.github+json user', {login: 'room-bot'}],
		['collaborators/ada/permission', {permission: 'write'}],
	]);
	const cli: RunCli = (args, input) => {
		calls.push(args.join(' '));
		return answers(args, input);
	};
	const said = await read(
		'comments',
		github(cli, place)
			.comments(12, '')
			.then(comments => ({comments: comments.map(one => ({...one, body: one.body.slice(0, 4000)}))})),
	);
	if (!said.ok) throw new Error(said.message);
	expect(calls.length).toBeLessThan(30);
	expect(said.comments.length).toBe(201);
	expect(JSON.stringify(said.comments)).not.toContain('\\u001b');
	expect(sortComments({seen: []}, said.comments).asked.map(({author}) => author)).toEqual(['ada']);
});

test.each<[what: string, ran: Partial<Ran>, code: string]>([
	['away', {code: 1, stderr: 'error connecting to api.github.com'}, 'away'],
	['overloaded', {code: 1, stderr: 'gh: Bad Gateway (HTTP 502)'}, 'away'],
	['logged out', {code: 4, stderr: 'To get started with GitHub CLI, please run:  gh auth login'}, 'login'],
	['given a login that is over', {code: 1, stderr: 'gh: Bad credentials (HTTP 401)'}, 'login'],
	['asked too often', {code: 1, stderr: 'gh: You have exceeded a secondary rate limit (HTTP 403)'}, 'limit'],
	[
		'guarding its base',
		{code: 1, stderr: 'X Pull request owner/name#12 is not mergeable: the base branch policy prohibits the merge.'},
		'refused',
	],
	['answering with a page', {stdout: '<html>\u001b[2J captive portal'}, 'garbage'],
	['answering with another shape', {stdout: '{"data":{"repository":{"p12":{"number":"\u001b[2J"}}}}'}, 'garbage'],
	['answering with nothing', {}, 'garbage'],
])('a forge that is %s is told by one word and one clean sentence', async (_, ran, code) => {
	const forge = github(cliOf([['', {stdout: '', ...ran}]]), place);
	const told = await forge.status([12]).then(
		() => ({code: 'none', message: ''}),
		(error: {readonly code?: string; readonly message: string}) => ({code: error.code ?? 'garbage', message: error.message}),
	);
	expect(told.code).toBe(code);
	const answer = readForgeAnswer('status', JSON.stringify({ok: false, ...told}));
	expect(answer).toMatchObject({ok: false, code});
	expect(JSON.stringify(answer)).not.toMatch(/\\u001b|\\n/);
});

test('a program refuses what is no request, in an answer of its own', async () => {
	const written: string[] = [];
	const input = (async function* () {
		yield Buffer.from('{"protocol":1,"op":"merge","number":"\u001b[2J"}');
	})();
	expect(await runForge({name: 'github', input, environment: {}, write: text => void written.push(text)})).toBe(0);
	expect(readForgeAnswer('merge', written.join(''))).toMatchObject({ok: false, code: 'garbage'});
});
