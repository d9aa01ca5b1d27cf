import * as z from 'zod';
import type {ForgePlace} from '../../core/forge/address.ts';
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
				commit: z.object({statusCheckRollup: z.object({contexts: z.object({nodes: z.array(z.union([run, status]))})}).nullish()}),
			}),
		),
	}),
});

/** What one request for all pull requests asks of each. */
const FIELDS = (number: number): string => `number url state headRefOid updatedAt mergeCommit{oid}
commits(last:1){nodes{commit{statusCheckRollup{contexts(first:100){nodes{__typename
... on CheckRun{databaseId name status conclusion title summary detailsUrl startedAt isRequired(pullRequestNumber:${number})}
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

const ofGraph = ({number, url, state, headRefOid, updatedAt, mergeCommit, commits}: z.output<typeof graphPull>): RawPull => ({
	number,
	url,
	state: state === 'MERGED' ? 'merged' : state === 'CLOSED' ? 'closed' : 'open',
	head: headRefOid,
	mergedAs: mergeCommit?.oid ?? '',
	updatedAt,
	checks: (commits.nodes.at(-1)?.commit.statusCheckRollup?.contexts.nodes ?? []).map(node =>
		node.__typename === 'CheckRun'
			? {
					id: `run:${node.databaseId ?? 0}`,
					name: node.name,
					state: node.status.toUpperCase() === 'COMPLETED' ? stateOf(node.conclusion ?? '') : 'pending',
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
	),
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
const restReview = z.object({id: z.int(), user, body: z.string().nullish(), state: z.string(), submitted_at: z.string().nullish()});

/** Accounts that are asked about in one look at the comments. */
const MOST_AUTHORS = 20;
const PAGE = 100;
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

	return {
		async open({branch, base, title, body, isDraft}) {
			const wanted = query({head: `${owner.split('/')[0]}:${branch}`, base, state: 'all', sort: 'created', direction: 'desc'});
			const [found] = z.array(restPull).parse(await get(`${pulls}?${wanted}`));
			if (found === undefined) return ofRest(restPull.parse(await send('POST', pulls, {title, body, head: branch, base, draft: isDraft})));
			if (found.merged_at) return ofRest(found);
			return ofRest(restPull.parse(await send('PATCH', `${pulls}/${found.number}`, {title, body, state: 'open'})));
		},
		async update({number, title, body}) {
			return ofRest(restPull.parse(await send('PATCH', `${pulls}/${number}`, {title, body})));
		},
		async status(numbers) {
			const aliases = numbers.map(number => `p${number}:pullRequest(number:${number}){${FIELDS(number)}}`).join('\n');
			const asked = `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){${aliases}}}`;
			const ran = await cli(
				['api', '--hostname', server, 'graphql', '--input', '-'],
				JSON.stringify({query: asked, variables: {owner, name}}),
			);
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
			const after: Readonly<Record<string, string>> = since === '' ? {} : {since};
			const newest = query({sort: 'updated', direction: 'desc', per_page: String(PAGE), ...after});
			const lines = z.array(restComment).parse(await get(`${pulls}/${number}/comments?${newest}`));
			const talk = z
				.array(restComment)
				.parse(await get(`${repository}/issues/${number}/comments?${query({per_page: String(PAGE), ...after})}`));
			const reviews = z.array(restReview).parse(await get(`${pulls}/${number}/reviews?${query({per_page: String(PAGE)})}`));
			const approving = new Set(reviews.filter(({state}) => state === 'APPROVED').map(({id}) => id));
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
				...reviews
					.filter(({body, state}) => (body ?? '') !== '' || state === 'CHANGES_REQUESTED')
					.map(
						(one): RawComment => ({
							id: `review:${one.id}`,
							kind: 'review',
							author: one.user?.login ?? 'ghost',
							asksChanges: one.state === 'CHANGES_REQUESTED',
							body: one.body ?? '',
							at: one.submitted_at ?? '',
						}),
					),
				...talk.map(
					(one): RawComment => ({
						id: `talk:${one.id}`,
						kind: 'talk',
						author: one.user?.login ?? 'ghost',
						body: one.body ?? '',
						at: one.updated_at,
					}),
				),
			].filter(({at = ''}) => since === '' || at === '' || at >= since);
			if (all.length === 0) return [];
			const own = z.object({login: z.string()}).parse(await get('user')).login;
			const writers = new Set<string>();
			for (const author of [...new Set(all.map(one => one.author))]
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
			const slug = `${server}/${owner}/${name}`;
			const ran = await cli(['pr', 'merge', String(number), '--repo', slug, `--${method}`, '--match-head-commit', head]);
			if (ran.code !== 0) throw refusalOf('gh', ran);
		},
		async close(number, body) {
			if (body !== '') await send('POST', `${repository}/issues/${number}/comments`, {body});
			await send('PATCH', `${pulls}/${number}`, {state: 'closed'});
		},
	};
};
