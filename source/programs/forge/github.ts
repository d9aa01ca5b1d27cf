import * as z from 'zod';
import {type ForgePlace, forgePlace} from '../../core/forge/address.ts';
import {MOST_OF_KIND} from '../../core/forge/protocol.ts';
import type {CheckState} from '../../core/task/pull.ts';
import {ForgeRefused, type RunCli, readJson, refusalOf} from './cli.ts';
import type {Forge, RawComment, RawPull} from './forge.ts';

const restPull = z.object({
	number: z.int(),
	html_url: z.string(),
	state: z.string(),
	merged_at: z.string().nullish(),
	merge_commit_sha: z.string().nullish(),
	updated_at: z.string().default(''),
	draft: z.boolean().default(false),
	head: z.object({sha: z.string()}),
});
type RestPull = z.output<typeof restPull>;

const ofRest = ({number, html_url, state, merged_at, merge_commit_sha, updated_at, head}: RestPull): RawPull => ({
	number,
	url: html_url,
	state: merged_at ? 'merged' : state === 'closed' ? 'closed' : 'open',
	head: head.sha,
	mergedAs: merged_at ? (merge_commit_sha ?? '') : '',
	updatedAt: updated_at,
});

const run = z.object({
	__typename: z.literal('CheckRun'),
	databaseId: z.int().nullish(),
	name: z.string(),
	status: z.string(),
	conclusion: z.string().nullish(),
	title: z.string().nullish(),
	summary: z.string().nullish(),
	detailsUrl: z.string().nullish(),
	startedAt: z.string().nullish(),
	isRequired: z.boolean().nullish(),
	checkSuite: z.object({workflowRun: z.object({event: z.string(), workflow: z.object({name: z.string()})}).nullish()}).nullish(),
});
const status = z.object({
	__typename: z.literal('StatusContext'),
	id: z.string().nullish(),
	context: z.string(),
	state: z.string(),
	description: z.string().nullish(),
	targetUrl: z.string().nullish(),
	createdAt: z.string().nullish(),
	isRequired: z.boolean().nullish(),
});
const graphPull = z.object({
	number: z.int(),
	url: z.string(),
	state: z.string(),
	headRefOid: z.string(),
	updatedAt: z.string().default(''),
	mergeCommit: z.object({oid: z.string()}).nullish(),
	commits: z.object({
		nodes: z.array(
			z.object({
				commit: z.object({
					statusCheckRollup: z
						.object({
							state: z.string().default(''),
							contexts: z.object({totalCount: z.int().default(0), nodes: z.array(z.union([run, status]))}),
						})
						.nullish(),
				}),
			}),
		),
	}),
});

/** What one request for all pull requests asks of each. */
const FIELDS = (number: number): string => `number url state headRefOid updatedAt mergeCommit{oid}
commits(last:1){nodes{commit{statusCheckRollup{state contexts(first:100){totalCount nodes{__typename
... on CheckRun{databaseId name status conclusion title summary detailsUrl startedAt isRequired(pullRequestNumber:${number})
checkSuite{workflowRun{event workflow{name}}}}
... on StatusContext{id context state description targetUrl createdAt isRequired(pullRequestNumber:${number})}}}}}}}`;

const STATES: Readonly<Record<string, CheckState>> = {
	SUCCESS: 'passed',
	NEUTRAL: 'passed',
	SKIPPED: 'skipped',
	FAILURE: 'failed',
	ERROR: 'failed',
	TIMED_OUT: 'failed',
	CANCELLED: 'failed',
	STARTUP_FAILURE: 'failed',
	ACTION_REQUIRED: 'pending',
	STALE: 'pending',
};
const stateOf = (word: string): CheckState => STATES[word.toUpperCase()] ?? 'pending';

type GraphPull = z.output<typeof graphPull>;

/** As GitHub itself shows it: two workflows, or one for two events, may have a job of one name. */
const runName = ({name, checkSuite}: z.output<typeof run>): string => {
	const {workflow, event} = checkSuite?.workflowRun ?? {};
	return workflow ? `${workflow.name} / ${name} (${event})` : name;
};

const checksOf = ({commits}: GraphPull): NonNullable<RawPull['checks']> => {
	const rollup = commits.nodes.at(-1)?.commit.statusCheckRollup;
	const {nodes = [], totalCount = 0} = rollup?.contexts ?? {};
	const known = nodes.map(node =>
		node.__typename === 'CheckRun'
			? {
					id: `run:${node.databaseId ?? 0}`,
					name: runName(node),
					state: node.status.toUpperCase() === 'COMPLETED' ? stateOf(node.conclusion ?? '') : ('pending' as const),
					isRequired: node.isRequired ?? false,
					summary: [node.title, node.summary].filter(Boolean).join('\n'),
					at: node.startedAt ?? '',
					url: node.detailsUrl ?? '',
				}
			: {
					id: `status:${node.context.replace(/[^\w./=-]/g, '_').slice(0, 150)}`,
					name: node.context,
					state: stateOf(node.state),
					isRequired: node.isRequired ?? false,
					summary: node.description ?? '',
					at: node.createdAt ?? '',
					url: node.targetUrl ?? '',
				},
	);
	if (totalCount <= nodes.length) return known;
	// The rest is known as a whole; required, since one of them may be.
	return [...known.slice(0, 99), {id: 'rollup', name: `all ${totalCount} checks`, state: stateOf(rollup?.state ?? ''), isRequired: true}];
};

const ofGraph = (pull: GraphPull): RawPull => ({
	number: pull.number,
	url: pull.url,
	state: pull.state === 'MERGED' ? 'merged' : pull.state === 'CLOSED' ? 'closed' : 'open',
	head: pull.headRefOid,
	mergedAs: pull.mergeCommit?.oid ?? '',
	updatedAt: pull.updatedAt,
	checks: checksOf(pull),
});

const user = z.object({login: z.string()}).nullish();
const restComment = z.object({
	id: z.int(),
	user,
	body: z.string().nullish(),
	path: z.string().nullish(),
	line: z.int().nullish(),
	original_line: z.int().nullish(),
	pull_request_review_id: z.int().nullish(),
	updated_at: z.string().default(''),
});
const graphUser = z.object({login: z.string()}).nullish();
/** The newest reviews, and the newest talk: by REST only the oldest can be had at once. */
const graphTalk = z.object({
	data: z.object({
		repository: z.object({
			pullRequest: z.object({
				reviews: z.object({
					nodes: z.array(
						z.object({databaseId: z.int(), author: graphUser, body: z.string(), state: z.string(), submittedAt: z.string().nullish()}),
					),
				}),
				comments: z.object({
					nodes: z.array(z.object({databaseId: z.int(), author: graphUser, body: z.string(), updatedAt: z.string()})),
				}),
			}),
		}),
	}),
});
const TALK = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){pullRequest(number:$number){
reviews(last:${MOST_OF_KIND}){nodes{databaseId author{login} body state submittedAt}}
comments(last:${MOST_OF_KIND}){nodes{databaseId author{login} body updatedAt}}}}}`;

/** Accounts that are asked about in one look at the comments. */
const MOST_AUTHORS = 20;
const LOG_KEPT = 20_000;

/** GitHub, and GitHub Enterprise, by `gh api`: its login, its network, its proxies. */
export const github = (cli: RunCli, {host, owner, name}: ForgePlace): Forge => {
	const server = host === '' ? 'github.com' : host;
	const repository = `repos/${owner}/${name}`;
	const call = async (args: readonly string[], input?: string) => {
		const ran = await cli(['api', '--hostname', server, '-H', 'Accept: application/vnd.github+json', ...args], input);
		if (ran.code !== 0) throw refusalOf('gh', ran);
		return ran;
	};
	const get = async (path: string): Promise<unknown> => readJson('gh', await call([path]));
	const send = async (method: 'POST' | 'PATCH', path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
		readJson('gh', await call(['--method', method, path, '--input', '-'], JSON.stringify(body)));
	const pulls = `${repository}/pulls`;
	const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();
	const graph = (asked: string, variables: Readonly<Record<string, unknown>>) =>
		cli(['api', '--hostname', server, 'graphql', '--input', '-'], JSON.stringify({query: asked, variables: {owner, name, ...variables}}));
	const pr = async (args: readonly string[]): Promise<void> => {
		const ran = await cli(['pr', ...args, '--repo', `${server}/${owner}/${name}`]);
		if (ran.code !== 0) throw refusalOf('gh', ran);
	};
	const ready = (number: number): Promise<void> => pr(['ready', String(number)]);

	return {
		async open({branch, base, title, body, isDraft, from}) {
			const fork = from === '' ? undefined : forgePlace(from);
			const head = `${(fork ?? {owner}).owner.split('/')[0]}:${branch}`;
			const wanted = query({head, base, state: 'all', sort: 'created', direction: 'desc'});
			const [found] = z.array(restPull).parse(await get(`${pulls}?${wanted}`));
			const made = {title, body, base, draft: isDraft, ...(fork ? {head, head_repo: fork.name} : {head: branch})};
			if (found === undefined) return ofRest(restPull.parse(await send('POST', pulls, made)));
			if (found.merged_at) return ofRest(found);
			const now = restPull.parse(await send('PATCH', `${pulls}/${found.number}`, {title, body, state: 'open'}));
			if (now.draft && !isDraft) await ready(now.number);
			return ofRest(now);
		},
		async update({number, title, body}) {
			return ofRest(restPull.parse(await send('PATCH', `${pulls}/${number}`, {title, body})));
		},
		async status(numbers) {
			const aliases = numbers.map(number => `p${number}:pullRequest(number:${number}){${FIELDS(number)}}`).join('\n');
			const asked = `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){${aliases}}}`;
			const ran = await graph(asked, {});
			// One that is gone is an error beside the answer about all others.
			if (ran.code !== 0 && !/^\{"data":\{"repository":\{/.test(ran.stdout)) throw refusalOf('gh', ran);
			const answer = z.object({data: z.object({repository: z.record(z.string(), graphPull.nullable())})}).parse(readJson('gh', ran));
			return Object.values(answer.data.repository).flatMap(pull => (pull ? [ofGraph(pull)] : []));
		},
		async log(check) {
			const [, job] = /^run:(\d+)$/.exec(check) ?? [];
			if (job === undefined) throw new ForgeRefused('unsupported', 'this check has no log');
			const {stdout} = await call([`${repository}/actions/jobs/${job}/logs`]);
			return stdout.slice(-LOG_KEPT);
		},
		async rerun(check) {
			const [, job] = /^run:(\d+)$/.exec(check) ?? [];
			if (job === undefined) throw new ForgeRefused('unsupported', 'this check cannot run again');
			await call(['--method', 'POST', `${repository}/actions/jobs/${job}/rerun`]);
		},
		async comments(number, since) {
			const newest = query({sort: 'updated', direction: 'desc', per_page: String(MOST_OF_KIND), ...(since === '' ? {} : {since})});
			const lines = z.array(restComment).parse(await get(`${pulls}/${number}/comments?${newest}`));
			const ran = await graph(TALK, {number});
			if (ran.code !== 0) throw refusalOf('gh', ran);
			const {reviews, comments: talk} = graphTalk.parse(readJson('gh', ran)).data.repository.pullRequest;
			const approving = new Set(reviews.nodes.filter(({state}) => state === 'APPROVED').map(({databaseId}) => databaseId));
			const all: readonly RawComment[] = [
				...lines.map(
					(one): RawComment => ({
						id: `line:${one.id}`,
						kind: 'line',
						author: one.user?.login ?? 'ghost',
						asksChanges: !approving.has(one.pull_request_review_id ?? 0),
						path: one.path ?? '',
						line: one.line ?? one.original_line ?? 0,
						body: one.body ?? '',
						at: one.updated_at,
					}),
				),
				...reviews.nodes
					.filter(({body, state}) => body !== '' || state === 'CHANGES_REQUESTED')
					.map(
						(one): RawComment => ({
							id: `review:${one.databaseId}`,
							kind: 'review',
							author: one.author?.login ?? 'ghost',
							asksChanges: one.state === 'CHANGES_REQUESTED',
							body: one.body,
							at: one.submittedAt ?? '',
						}),
					),
				...talk.nodes.map(
					(one): RawComment => ({
						id: `talk:${one.databaseId}`,
						kind: 'talk',
						author: one.author?.login ?? 'ghost',
						body: one.body,
						at: one.updatedAt,
					}),
				),
			].filter(({at = ''}) => since === '' || at === '' || at >= since);
			if (all.length === 0) return [];
			const own = z.object({login: z.string()}).parse(await get('user')).login;
			const writers = new Set<string>();
			// Those who ask for a change first: however many others talk, they are asked about.
			for (const author of [
				...new Set(all.toSorted((a, b) => Number(b.asksChanges ?? false) - Number(a.asksChanges ?? false)).map(one => one.author)),
			]
				.filter(one => one !== own && /^[\w-]+$/.test(one))
				.slice(0, MOST_AUTHORS)) {
				// Without an answer an account counts as a stranger's.
				const given = await get(`${repository}/collaborators/${author}/permission`).catch(() => ({}));
				const {permission} = z.object({permission: z.string().default('')}).parse(given);
				if (permission === 'admin' || permission === 'write' || permission === 'maintain') writers.add(author);
			}
			return all.map(one => ({...one, isOwn: one.author === own, mayWrite: writers.has(one.author)}));
		},
		async reply(number, comment, body) {
			const [, kind = '', id = ''] = /^(line|review|talk):(\d+)$/.exec(comment) ?? [];
			if (kind === 'line') await send('POST', `${pulls}/${number}/comments/${id}/replies`, {body});
			else await send('POST', `${repository}/issues/${number}/comments`, {body});
		},
		async merge({number, head, method}) {
			await pr(['merge', String(number), `--${method}`, '--match-head-commit', head]);
		},
		async close(number, body) {
			if (body !== '') await send('POST', `${repository}/issues/${number}/comments`, {body});
			await send('PATCH', `${pulls}/${number}`, {state: 'closed'});
		},
	};
};
