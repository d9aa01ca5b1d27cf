import {submissionRules} from '../../core/config/config.ts';
import {readSubmission} from '../../core/intake/submission.ts';
import {MOST_PLANNED} from '../../core/plan/plan.ts';
import {FINAL_STATES, type Task, type WholeTask} from '../../core/task/task.ts';
import {coded, fenced} from '../../core/text/quote.ts';
import {type Overview, repositoryOverview} from '../../git/repository/overview.ts';
import type {BriefValues} from '../../roles/placeholders.ts';
import type {Room} from '../parts/parts.ts';
import {tellTask} from '../parts/replies.ts';
import {planningTeam} from './plan.ts';

const filesOf = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`;

const MOST_FOLDERS = 60;
const MOST_TOP = 30;
/** Maximum of other tasks listed: planning must not start with reading a queue of thousands. */
const MOST_OPEN = 60;

const more = (all: number, told: number): readonly string[] => (all > told ? [`- and ${all - told} more`] : []);

const tellRepository = (overview: Overview, base: string, commit: string): string =>
	[
		`${filesOf(overview.files)} at ${coded(commit.slice(0, 12))}, the head of ${coded(base)}; mostly ${overview.endings.map(({name, files}) => `${coded(name)} (${files})`).join(', ')}.`,
		'',
		...overview.folders.slice(0, MOST_FOLDERS).map(({name, files}) => `- ${coded(name)} ${filesOf(files)}`),
		...more(overview.folders.length, MOST_FOLDERS),
		...(overview.top.length > 0 ? [`- at the top: ${overview.top.slice(0, MOST_TOP).map(coded).join(', ')}`] : []),
		...(overview.readme === '' ? [] : ['', 'Start of its README:', '', fenced(overview.readme)]),
	].join('\n');

/** Roles that a task of a plan may name: present ones that can start work. */
const beginners = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>): readonly string[] => {
	const begins = (role: string): boolean => {
		const read = readSubmission({title: 'a task', role}, {...submissionRules(room.facts.config), plan: 'off'});
		return read.ok && read.submission.stage !== 'plan';
	};
	return [...new Set(['developer', ...planningTeam(room).map(({role}) => role)])].filter(begins);
};

const tellTeam = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>): string => {
	const team = planningTeam(room);
	const lines = [...Map.groupBy(team, ({role}) => role)].map(([role, members]) => {
		const capabilities = [...new Set(members.flatMap(member => member.capabilities))];
		return `- ${members.length} ${role}${capabilities.length > 0 ? `, capabilities: ${capabilities.map(coded).join(', ')}` : ''}`;
	});
	return lines.join('\n');
};

const tellOpen = async ({link, record}: Pick<Room, 'link' | 'record'>, task: WholeTask): Promise<string> => {
	const isOther = (other: Task): boolean => other.id !== task.id && other.stage !== 'plan' && other.state !== 'planned';
	const own = (await link.coordination.tasksOf(task.feature)).filter(isOther);
	const others = [...record.team().tasks.values()].filter(
		other => isOther(other) && other.feature !== task.feature && !FINAL_STATES.includes(other.state),
	);
	return [
		...(own.length > 0 ? ['Of this feature:', '', fenced(own.map(tellTask).join('\n')), ''] : []),
		...(others.length > 0
			? [
					'Other tasks, usable in `after`:',
					'',
					fenced([...others.slice(0, MOST_OPEN).map(tellTask), ...more(others.length, MOST_OPEN)].join('\n')),
				]
			: []),
	].join('\n');
};

/** `needs` only if a member has a capability: agents copy examples. */
const example = (capability: string | undefined): string => `summary: What is built, in which order, and why, in one or two sentences.
tasks:
  - id: session-table
    title: Keep sessions in a table
    description: |
      What to do, and everything its developer must know.
    acceptance:
      - A session survives a restart.
    paths: [src/db/**]${capability === undefined ? '' : `\n    needs: [${capability}]`}
  - id: login-form
    title: Log in with a form
    description: |
      The same for this one.
    after: [session-table]
    priority: 80
    audit: true`;

const tellForm = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>, planFile: string, isAgain: boolean): string =>
	[
		'YAML (or JSON):',
		'',
		`\`\`\`yaml\n${example(planningTeam(room).flatMap(({role, capabilities}) => (role === 'developer' ? capabilities : []))[0])}\n\`\`\``,
		'',
		`- 1 to ${MOST_PLANNED} \`tasks\`. Only \`title\` is required.`,
		'- `id`: at most 40 lower-case letters, digits and dashes. `after`: ids of this plan or of existing tasks; no cycles.',
		'- `needs`: capabilities that its agent needs; the team must have them. `priority`: 0 to 100, 100 first; by default that of the feature.',
		`- \`role\`: ${beginners(room).map(coded).join(' or ')}; by default \`developer\`.`,
		'- `audit: true` if a mistake would be a security risk. `paths`: patterns of the paths it will change, without commas.',
		...(isAgain
			? [
					'- You replan a feature in progress: list only **new** tasks, and under `cancel: [id, ...]` the unfinished ones that are no longer wanted. All other tasks continue; merged work stays.',
				]
			: []),
		'',
		'Submit it in one of two ways:',
		'',
		'    agent-room report plan FILE     # `-` is stdin; answers at once: ok, or what is wrong at which line; fix that and report again',
		`    # or write it to ${planFile} ($AGENT_ROOM_PLAN_FILE)`,
		'',
		'Then end (exit 0). An answer that is only on the screen is lost.',
	].join('\n');

/** What an orchestrator's brief has besides the task: repository, team, open tasks, and the form of a plan. */
export const planBrief = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	task: WholeTask,
	place: {readonly commit: string; readonly planFile: string},
): Promise<BriefValues> => {
	const [overview, open] = await Promise.all([repositoryOverview({root: room.facts.guardian.folder}, place.commit), tellOpen(room, task)]);
	return {
		repository: tellRepository(overview, room.facts.base, place.commit),
		team: tellTeam(room),
		open,
		plan: tellForm(room, place.planFile, open.startsWith('Of this feature')),
	};
};
