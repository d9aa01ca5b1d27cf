import * as z from 'zod';
import {type ForgePlace, forgePlace} from '../../core/forge/address.ts';
import type {CheckState} from '../../core/task/pull.ts';
import {ForgeRefused, type RunCli, readJson, refusalOf} from './cli.ts';
import type {Forge, RawComment, RawPull} from './forge.ts';

const request = z.object({
	iid: z.int(),
	web_url: z.string(),
	state: z.string(),
	sha: z.string().nullish(),
	merge_commit_sha: z.string().nullish(),
	squash_commit_sha: z.string().nullish(),
	updated_at: z.string().default(''),
	head_pipeline: z.object({id: z.int()}).nullish(),
	source_project_id: z.int().nullish(),
});
const projectId = z.object({id: z.int()});
const job = z.object({
	id: z.int(),
	name: z.string(),
	status: z.string(),
	allow_failure: z.boolean().default(false),
	failure_reason: z.string().nullish(),
	started_at: z.string().nullish(),
	web_url: z.string().nullish(),
});
const note = z.object({
	id: z.int(),
	body: z.string().nullish(),
	system: z.boolean().default(false),
	author: z.object({id: z.int(), username: z.string()}),
	updated_at: z.string().default(''),
	position: z.object({new_path: z.string().nullish(), new_line: z.int().nullish(), old_line: z.int().nullish()}).nullish(),
});
const member = z.object({access_level: z.int().default(0)});

const STATES: Readonly<Record<string, CheckState>> = {
	success: 'passed',
	failed: 'failed',
	canceled: 'failed',
	skipped: 'skipped',
	manual: 'skipped',
};
/** A developer of a project: the first level that may push. */
const MAY_PUSH = 30;
const MOST_AUTHORS = 20;
const LOG_KEPT = 20_000;

const ofRequest = (one: z.output<typeof request>, checks: RawPull['checks'] = []): RawPull => ({
	number: one.iid,
	url: one.web_url,
	state: one.state === 'merged' ? 'merged' : one.state === 'closed' ? 'closed' : 'open',
	head: one.sha ?? '',
	mergedAs: one.state === 'merged' ? (one.merge_commit_sha ?? one.squash_commit_sha ?? '') : '',
	updatedAt: one.updated_at,
	checks,
});

/** GitLab by `glab api`. Never run against a GitLab: written against its documentation and a stand-in of `glab`. */
export const gitlab = (cli: RunCli, {host, owner, name}: ForgePlace): Forge => {
	const projectOf = (place: Pick<ForgePlace, 'owner' | 'name'>): string => `projects/${encodeURIComponent(`${place.owner}/${place.name}`)}`;
	const project = projectOf({owner, name});
	const call = async (args: readonly string[], input?: string) => {
		const ran = await cli(['api', ...(host === '' ? [] : ['--hostname', host]), ...args], input);
		if (ran.code !== 0) throw refusalOf('glab', ran);
		return ran;
	};
	const get = async (path: string): Promise<unknown> => readJson('glab', await call([path]));
	const send = async (method: 'POST' | 'PUT', path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
		readJson(
			'glab',
			await call(['--method', method, '--header', 'Content-Type: application/json', path, '--input', '-'], JSON.stringify(body)),
		);
	const requests = `${project}/merge_requests`;
	const jobsOf = async (pipeline: number): Promise<RawPull['checks']> =>
		z
			.array(job)
			.parse(await get(`${project}/pipelines/${pipeline}/jobs?per_page=100`))
			.map(one => ({
				id: `job:${one.id}`,
				name: one.name,
				state: STATES[one.status] ?? 'pending',
				isRequired: !one.allow_failure,
				summary: one.failure_reason ?? '',
				at: one.started_at ?? '',
				url: one.web_url ?? '',
			}));
	const jobOf = (check: string): string => {
		const [, id] = /^job:(\d+)$/.exec(check) ?? [];
		if (id === undefined) throw new ForgeRefused('unsupported', 'this is no job');
		return `${project}/jobs/${id}`;
	};

	return {
		async open({branch, base, title, body, isDraft, from}) {
			const wanted = new URLSearchParams({source_branch: branch, target_branch: base, order_by: 'created_at', sort: 'desc'}).toString();
			const place = from === '' ? undefined : forgePlace(from);
			const fork = place && {place, id: projectId.parse(await get(projectOf(place))).id};
			const known = z.array(request).parse(await get(`${requests}?${wanted}`));
			const found = known.find(one => fork === undefined || one.source_project_id === fork.id);
			const words = {title: isDraft ? `Draft: ${title}` : title, description: body};
			const made = {...words, source_branch: branch, target_branch: base};
			if (found === undefined && fork) {
				const target = {...made, target_project_id: projectId.parse(await get(project)).id};
				return ofRequest(request.parse(await send('POST', `${projectOf(fork.place)}/merge_requests`, target)));
			}
			if (found === undefined) return ofRequest(request.parse(await send('POST', requests, made)));
			if (found.state === 'merged') return ofRequest(found);
			const again = found.state === 'closed' ? {state_event: 'reopen'} : {};
			return ofRequest(request.parse(await send('PUT', `${requests}/${found.iid}`, {...words, ...again})));
		},
		async update({number, title, body}) {
			return ofRequest(request.parse(await send('PUT', `${requests}/${number}`, {title, description: body})));
		},
		async status(numbers) {
			const found: RawPull[] = [];
			for (const number of numbers) {
				const one = request.parse(await get(`${requests}/${number}`));
				found.push(ofRequest(one, one.head_pipeline ? await jobsOf(one.head_pipeline.id) : []));
			}
			return found;
		},
		async log(check) {
			const {stdout} = await call([`${jobOf(check)}/trace`]);
			return stdout.slice(-LOG_KEPT);
		},
		async rerun(check) {
			await send('POST', `${jobOf(check)}/retry`, {});
		},
		async comments(number, since) {
			const notes = z
				.array(note)
				.parse(await get(`${requests}/${number}/notes?per_page=100&order_by=updated_at&sort=desc`))
				.filter(({system, updated_at}) => !system && (since === '' || updated_at >= since));
			if (notes.length === 0) return [];
			const own = z.object({id: z.int()}).parse(await get('user')).id;
			const writers = new Set<number>();
			for (const id of [...new Set(notes.map(({author}) => author.id))].filter(one => one !== own).slice(0, MOST_AUTHORS)) {
				const {access_level} = member.parse(await get(`${project}/members/all/${id}`).catch(() => ({})));
				if (access_level >= MAY_PUSH) writers.add(id);
			}
			return notes.map(
				(one): RawComment => ({
					id: `note:${one.id}`,
					kind: one.position ? 'line' : 'talk',
					author: one.author.username,
					mayWrite: writers.has(one.author.id),
					isOwn: one.author.id === own,
					asksChanges: one.position !== null && one.position !== undefined,
					path: one.position?.new_path ?? '',
					line: one.position?.new_line ?? one.position?.old_line ?? 0,
					body: one.body ?? '',
					at: one.updated_at,
				}),
			);
		},
		async reply(number, _comment, body) {
			await send('POST', `${requests}/${number}/notes`, {body});
		},
		async merge({number, head, method}) {
			const how = {sha: head, squash: method === 'squash', merge_when_pipeline_succeeds: true};
			await send('PUT', `${requests}/${number}/merge`, how);
		},
		async close(number, body) {
			if (body !== '') await send('POST', `${requests}/${number}/notes`, {body});
			await send('PUT', `${requests}/${number}`, {state_event: 'close'});
		},
	};
};
