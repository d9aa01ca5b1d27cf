import * as z from 'zod';
import {type ForgePlace, forgePlace} from '../../core/forge/address.ts';
import {MOST_OF_KIND} from '../../core/forge/protocol.ts';
import type {CheckState} from '../../core/task/pull.ts';
import {ForgeRefused, type RunCli, readJson, refusalOf} from './cli.ts';
import type {Forge, RawComment, RawPull} from './forge.ts';

const pull = z.object({
	number: z.int(),
	html_url: z.string(),
	state: z.string(),
	merged: z.boolean().default(false),
	merge_commit_sha: z.string().nullish(),
	updated_at: z.string().default(''),
	head: z.object({sha: z.string(), ref: z.string(), repo: z.object({owner: z.object({login: z.string()})}).nullish()}),
	base: z.object({ref: z.string()}),
});
const statuses = z.object({
	statuses: z
		.array(
			z.object({
				id: z.int(),
				context: z.string(),
				status: z.string(),
				description: z.string().nullish(),
				target_url: z.string().nullish(),
				created_at: z.string().nullish(),
			}),
		)
		.nullish(),
});
const user = z.object({login: z.string()}).nullish();
const comment = z.object({
	id: z.int(),
	user,
	body: z.string().nullish(),
	updated_at: z.string().default(''),
	path: z.string().nullish(),
	position: z.int().nullish(),
});
const review = z.object({id: z.int(), user, body: z.string().nullish(), state: z.string(), submitted_at: z.string().nullish()});

const STATES: Readonly<Record<string, CheckState>> = {
	success: 'passed',
	warning: 'passed',
	failure: 'failed',
	error: 'failed',
	skipped: 'skipped',
};
const MOST_AUTHORS = 20;
const PAGE = 50;
const MOST_PAGES = 20;
const MOST_REVIEWS = 30;

const ofPull = (one: z.output<typeof pull>, checks: RawPull['checks'] = []): RawPull => ({
	number: one.number,
	url: one.html_url,
	state: one.merged ? 'merged' : one.state === 'closed' ? 'closed' : 'open',
	head: one.head.sha,
	mergedAs: one.merged ? (one.merge_commit_sha ?? '') : '',
	updatedAt: one.updated_at,
	checks,
});

/**
 * Gitea and Forgejo by `tea api`. Never run against one of them: written against its documentation and a stand-in of `tea`. Another program
 * of that name, an editor, says another version and is refused.
 */
export const gitea = (run: RunCli, {owner, name}: ForgePlace): Forge => {
	let isKnown = false;
	const cli: RunCli = async (args, input) => {
		if (!isKnown) {
			const {stdout, stderr} = await run(['--version']);
			if (!/\btea\b[\s\S]*\bversion\b|gitea/i.test(`${stdout}${stderr}`) || /editor|qt/i.test(stdout))
				throw new ForgeRefused('missing', 'the `tea` on the PATH is not the one of Gitea');
			isKnown = true;
		}
		return run(args, input);
	};
	const call = async (args: readonly string[], input?: string) => {
		const ran = await cli(['api', ...args], input);
		if (ran.code !== 0) throw refusalOf('tea', ran);
		return ran;
	};
	const repository = `/repos/${owner}/${name}`;
	const get = async (path: string): Promise<unknown> => readJson('tea', await call([path]));
	const send = async (method: 'POST' | 'PATCH', path: string, body: Readonly<Record<string, unknown>>) =>
		call(['--method', method, '--data', '@-', path], JSON.stringify(body));
	const sent = async (method: 'POST' | 'PATCH', path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
		readJson('tea', await send(method, path, body));
	const pulls = `${repository}/pulls`;
	/** The newest: they are listed oldest first, and each costs a request of its own. */
	const reviewsOf = async (number: number): Promise<readonly z.output<typeof review>[]> => {
		const all: z.output<typeof review>[] = [];
		for (let page = 1; page <= MOST_PAGES; page++) {
			const some = z.array(review).parse(await get(`${pulls}/${number}/reviews?page=${page}&limit=${PAGE}`));
			all.push(...some);
			if (some.length < PAGE) break;
		}
		return all.slice(-MOST_REVIEWS);
	};

	return {
		async open({branch, base, title, body, isDraft, from}) {
			const fork = from === '' ? '' : (forgePlace(from)?.owner ?? '');
			const all = z.array(pull).parse(await get(`${pulls}?state=all&sort=recentupdate&limit=50`));
			const isOurs = (one: z.output<typeof pull>): boolean =>
				one.head.ref === branch && one.base.ref === base && (fork === '' || one.head.repo?.owner.login === fork);
			const found = all.filter(isOurs).toSorted((a, b) => b.number - a.number)[0];
			const words = {title: isDraft ? `WIP: ${title}` : title, body};
			if (found === undefined)
				return ofPull(pull.parse(await sent('POST', pulls, {...words, head: fork === '' ? branch : `${fork}:${branch}`, base})));
			if (found.merged) return ofPull(found);
			return ofPull(pull.parse(await sent('PATCH', `${pulls}/${found.number}`, {...words, state: 'open'})));
		},
		async update({number, title, body}) {
			return ofPull(pull.parse(await sent('PATCH', `${pulls}/${number}`, {title, body})));
		},
		async status(numbers) {
			const found: RawPull[] = [];
			for (const number of numbers) {
				const one = pull.parse(await get(`${pulls}/${number}`));
				const given = statuses.parse(await get(`${repository}/commits/${encodeURIComponent(one.head.sha)}/status`));
				const checks = (given.statuses ?? []).map(status => ({
					id: `status:${status.id}`,
					name: status.context,
					state: STATES[status.status] ?? ('pending' as const),
					summary: status.description ?? '',
					at: status.created_at ?? '',
					url: status.target_url ?? '',
				}));
				found.push(ofPull(one, checks));
			}
			return found;
		},
		log: () => Promise.reject(new ForgeRefused('unsupported', 'this forge gives no log')),
		rerun: () => Promise.reject(new ForgeRefused('unsupported', 'this forge runs no check again')),
		async comments(number, since) {
			const talk = z.array(comment).parse(await get(`${repository}/issues/${number}/comments`));
			const reviews = await reviewsOf(number);
			const all: RawComment[] = talk.map(one => ({
				id: `talk:${one.id}`,
				kind: 'talk',
				author: one.user?.login ?? '',
				body: one.body ?? '',
				at: one.updated_at,
			}));
			for (const one of reviews) {
				const author = one.user?.login ?? '';
				if ((one.body ?? '') !== '' || one.state === 'REQUEST_CHANGES')
					all.push({
						...{id: `review:${one.id}`, kind: 'review', author, body: one.body ?? '', at: one.submitted_at ?? ''},
						asksChanges: one.state === 'REQUEST_CHANGES',
					});
				const lines = z.array(comment).parse(await get(`${pulls}/${number}/reviews/${one.id}/comments`));
				for (const {id, body, path, position, updated_at} of lines)
					all.push({
						...{id: `line:${id}`, kind: 'line', author, body: body ?? '', path: path ?? '', line: position ?? 0, at: updated_at},
						asksChanges: one.state !== 'APPROVED',
					});
			}
			const recent = all.filter(({at = ''}) => since === '' || at === '' || at >= since).slice(-3 * MOST_OF_KIND);
			if (recent.length === 0) return [];
			const own = z.object({login: z.string()}).parse(await get('/user')).login;
			const writers = new Set<string>();
			for (const author of [...new Set(recent.map(one => one.author))]
				.filter(one => one !== own && /^[\w.-]+$/.test(one))
				.slice(0, MOST_AUTHORS)) {
				const given = await get(`${repository}/collaborators/${author}/permission`).catch(() => ({}));
				const {permission} = z.object({permission: z.string().default('')}).parse(given);
				if (permission === 'owner' || permission === 'admin' || permission === 'write') writers.add(author);
			}
			return recent.map(one => ({...one, isOwn: one.author === own, mayWrite: writers.has(one.author)}));
		},
		async reply(number, _comment, body) {
			await send('POST', `${repository}/issues/${number}/comments`, {body});
		},
		async merge({number, head, method}) {
			await send('POST', `${pulls}/${number}/merge`, {Do: method, head_commit_id: head, merge_when_checks_succeed: true});
		},
		async close(number, body) {
			if (body !== '') await send('POST', `${repository}/issues/${number}/comments`, {body});
			await sent('PATCH', `${pulls}/${number}`, {state: 'closed'});
		},
	};
};
