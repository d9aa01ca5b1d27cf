import {changesBetween, changeText} from '../../core/config/changes.ts';
import {type Config, leastOf, type PendingConfig, type Settings} from '../../core/config/config.ts';
import {type Taking, takingOf, takingText} from '../../core/config/taking.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {addMember, retireMember} from '../orders/membership.ts';
import {done} from '../orders/revoke.ts';
import type {ConfigSource, Reread, RoomOptions} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';
import {setBudget} from '../recovery/recover.ts';
import {withinBudget} from '../team/outside-budget.ts';
import {type PlannedAgent, planTeam, scalingTesters} from '../team/team.ts';
import {showMissing} from './parts.ts';

/** Longest sentence of what is wrong with a file. */
const MOST = 200;
/** Longest text of one change: you trust it by what you read, so it is hardly ever cut. */
const MOST_OF_CHANGE = 4000;
const MOST_CHANGES = 50;

const BANNER = 'config';

/** Members are the same if they run the same with the same prompt; numbers play no part. */
const kindOf = ({id: _id, slot: _slot, ...kind}: PlannedAgent): string => JSON.stringify(kind);

/**
 * Adds members that the configuration has more of, and removes, after their tasks, those that it has no more. Of the room's own programs one of each
 * stays; test runners that come and go with the tests (`count: auto`) leave by themselves.
 */
const fitMembers = async (room: Room): Promise<void> => {
	const {config, options} = room.facts;
	const allowed = config.team.filter(
		member => withinBudget(config, planTeam({...config, team: [{...member, count: 1}]}, options.harnesses).slice(0, 1)).length > 0,
	);
	const wanted = allowed.flatMap(member =>
		Array.from({length: leastOf(member)}, () => ({
			member,
			kind: planTeam({...config, team: [{...member, count: 1}]}, options.harnesses)
				.slice(0, 1)
				.map(kindOf)
				.join(''),
		})),
	);
	// Who is leaving already is none of those that the configuration asks for.
	const here = room.slots.all().flatMap(({agent, isRetiring}) => (isRetiring ? [] : [agent]));
	const spare = [...here];
	const missing = wanted.filter(({kind}) => {
		const index = spare.findIndex(agent => kindOf(agent) === kind);
		if (index < 0) return true;
		spare.splice(index, 1);
		return false;
	});
	const isScaling = scalingTesters(config) !== undefined;
	const isLast = (agent: PlannedAgent): boolean =>
		[...here.filter(one => !spare.includes(one)), ...missing.map(({member}) => member)].every(({role}) => role !== agent.role) &&
		spare.find(({role}) => role === agent.role) === agent;
	const leaves = (agent: PlannedAgent): boolean =>
		agent.program === undefined || !((isScaling && agent.program === 'test') || isLast(agent));
	// Who stays claims no more before others come: a retiring member that waits would take their task.
	for (const {id} of spare.filter(leaves).toReversed()) await retireMember(room, id);
	for (const {member} of missing) await addMember(room, member);
};

const optionsNow = (
	{facts}: Pick<Room, 'facts'>,
	{options}: Reread,
): {readonly taking: Taking; readonly options: RoomOptions; readonly would: Config} => {
	const {config, options: before} = facts;
	// `run --unattended` outlives the file, and a start fills in where merges go.
	const unattended = before.isForeground ? config.unattended : options.config.unattended;
	const would: Config = {...options.config, unattended, merge: options.config.merge ?? config.merge};
	const taking = takingOf(config, would, before.redisUrl !== undefined);
	return {taking, would, options: {...before, harnesses: options.harnesses, isTrusted: true, notes: options.notes, config: taking.config}};
};

/** Values that wait for a restart are shown as they are in effect. */
const settingsNow = (before: Settings, after: Settings, {restart}: Taking): Settings => {
	// A start fills in where merges go.
	const kept: readonly string[] = [...restart, 'merge'];
	return {
		...after,
		values: after.values.map(value => (kept.includes(value.name) ? (before.values.find(({name}) => name === value.name) ?? value) : value)),
	};
};

/** What a running room does about a changed configuration. */
export type ConfigTaker = {
	/** Looks at the files; what differs and is not taken yet is shown with its changes. */
	look(): Promise<void>;
	/** Takes the contents that were shown, or what you trust already; everything else is refused. */
	take(order: Extract<Action, {type: 'take-config'}>): Promise<ActionResult>;
};

/**
 * Takes up a changed configuration while the room runs. Guarantee: nothing takes effect that was not trusted: before, by `config trust`, or by
 * an order that names exactly the contents that the screen showed.
 */
export const createConfigTaker = (
	room: Room,
	{source, onTaken}: {readonly source: ConfigSource | undefined; readonly onTaken: (options: RoomOptions) => void},
	/** What the room lacks with this configuration, as sentences. */
	shortcomings: (options: RoomOptions) => readonly string[],
): ConfigTaker => {
	const taken = new Set<string>();
	const show = (pending: PendingConfig | undefined, text: string, files?: Settings['files']): void => {
		const {settings, hasTestCommand, isTrusted} = room.record.getFresh();
		const {pending: _pending, ...plain} = settings;
		const shown: Settings = {...plain, ...(files ? {files} : {}), ...(pending ? {pending} : {})};
		room.record.setConfiguration({settings: shown, hasTestCommand, isTrusted});
		room.record.setBanner(BANNER, text === '' ? undefined : {severity: 'warning', text});
	};
	/** Shows what the files would change, if anything that was not taken. */
	const showChanges = (reread: Reread): void => {
		const changes = changesBetween(room.facts.config, optionsNow(room, reread).would);
		const {print, options} = reread;
		const isNew = changes.length > 0 && !taken.has(print);
		const pending = {print, changes: changes.slice(0, MOST_CHANGES).map(change => cleanText(changeText(change), MOST_OF_CHANGE))};
		// An untrusted file has a banner of its own.
		const text =
			isNew && room.facts.options.isTrusted ? 'The configuration has changed: the settings show the changes, and take them up.' : '';
		show(isNew ? pending : undefined, text, options.settings?.files);
	};
	const look = async (): Promise<void> => {
		if (!source?.hasChanged()) return;
		try {
			showChanges(await source.read());
		} catch (error) {
			show(undefined, `The configuration has changed and cannot be used: ${cleanText(String((error as Error).message), MOST)}`);
		}
	};
	const take = async ({print}: Extract<Action, {type: 'take-config'}>): Promise<ActionResult> => {
		if (!source)
			return refusal('refused', 'This room cannot read its configuration again.', 'Restart it: `agent-room stop && agent-room`.');
		let reread: Reread;
		try {
			reread = await source.read();
		} catch (error) {
			return refusal('config', cleanText(String((error as Error).message), MOST), 'Correct it; the room keeps what it has.');
		}
		if (print !== undefined && print !== reread.print) {
			showChanges(reread);
			return refusal('stale', 'The configuration has changed since you saw it: nothing was taken.', 'Look at the changes again.');
		}
		if (print === undefined && !reread.isTrusted)
			return refusal('untrusted', 'You have not trusted this version of the configuration.', 'Run `agent-room config trust`.');
		const {taking, options} = optionsNow(room, reread);
		try {
			planTeam(options.config, options.harnesses);
		} catch (error) {
			return refusal('config', `Cannot take the team: ${cleanText(String((error as Error).message), MOST)}.`, 'Correct `team:`.');
		}
		if (!reread.isTrusted) source.trust();
		taken.add(reread.print);
		const before = room.record.getFresh().settings;
		room.facts.take(options);
		onTaken(options);
		const settings = settingsNow(before, reread.options.settings ?? before, taking);
		room.record.setConfiguration({settings, hasTestCommand: options.config.test !== undefined, isTrusted: true});
		room.record.setBanner(BANNER, undefined);
		if (taking.now.some(key => ['team', 'roles', 'harnesses', 'budget'].includes(key))) await fitMembers(room);
		if (taking.now.includes('budget')) await setBudget(room, true);
		showMissing(room.record, shortcomings(options));
		room.lifecycle.requestTick();
		const text = takingText(taking);
		room.facts.log(`the configuration was taken: ${text}`);
		return done(text);
	};
	return {look, take};
};
