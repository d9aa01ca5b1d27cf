import {LANDMARKS, type Landmark, landmarkOf, replayedLine} from '../../core/protocol/output.ts';
import type {EventLine, ReplayedStatusLine, ReplayLine} from '../../core/protocol/output-schema.ts';
import {formatMoment, type Moment, momentOf, type RecordRange} from '../../core/team/replay.ts';
import {isNewer} from '../../core/team/snapshot.ts';
import {formatAge} from '../../core/text/format.ts';
import type {Refusal} from '../../core/text/refusal.ts';
import {ask, askIfRunning} from '../client/client.ts';
import {readRoom, readStream} from '../client/read.ts';
import {type Borrowed, viaRoomOrRedis} from '../client/via-room.ts';
import {CommandError, EXIT, type Invocation, isSet, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {eventText, plainJson, plainLine} from '../parse/print.ts';
import {orders, teamText} from './status-text.ts';

const SHOWN = 20;

/** A past state as the table of `agent-room status`, with its last events. `now`: server time, epoch ms. */
const replayedText = (status: ReplayedStatusLine, now: number): readonly string[] => {
	const {repository, moment} = status;
	const when = `${formatMoment(moment.at, now)}, ${formatAge(now - moment.at)} ago`;
	const told = status.before.map(eventText).filter(Boolean);
	return [
		plainLine(`${repository.name}@${repository.base}  as it was at ${when}  ${orders(status)}`.trimEnd()),
		plainLine(`after event ${moment.id}`),
		'',
		...teamText(status),
		...(told.length > 0 ? ['', 'BEFORE', ...told.map(line => `  ${line}`)] : []),
	];
};

const rangeText = ({at, oldest, newest, entries, gone, checkpoints, happened, landmarks}: ReplayLine): readonly string[] => {
	if (!oldest || !newest) return [entries > 0 ? 'Replay is possible after the next checkpoint.' : 'Nothing has been recorded yet.'];
	const counts = LANDMARKS.map(name => `${happened[name]} ${name}`).join(', ');
	return [
		`Any moment from ${formatMoment(oldest.at, at)} (${oldest.id}) to ${formatMoment(newest.at, at)} (${newest.id}) can be shown.`,
		`${entries} events, ${checkpoints} checkpoints: ${counts}`,
		...(gone > 0 ? [`${gone} older events were deleted; about 20,000 are kept.`] : []),
		...(landmarks.length > 0 ? ['', ...landmarks.slice(-SHOWN).map(event => plainLine(`${event.id}  ${eventText(event)}`))] : []),
		'',
		'Show the room at a time with `agent-room replay --at ID` or `--at 14:03:05`.',
	];
};

type Source = {
	readonly range: RecordRange;
	stateAt(moment: Moment): Promise<ReplayedStatusLine>;
	events(since: string, onEvent: (event: EventLine) => void): Promise<unknown>;
};

const LANDMARKS_KEPT = 100;

const sourceOfRoom = async (invocation: Invocation): Promise<Source | undefined> => {
	const reply = await askIfRunning(invocation, {op: 'replay'});
	if (!reply) return undefined;
	return {
		range: reply.data as RecordRange,
		stateAt: async moment => (await ask(invocation, {op: 'replay', at: moment})).data as ReplayedStatusLine,
		events: (since, onEvent) => readRoom(invocation, {since, type: ''}, onEvent),
	};
};

const sourceOfRedis = async (borrowed: Borrowed): Promise<Source> => {
	const {coordination, place, configuration, base, address} = borrowed;
	const {root, name} = place.repository;
	return {
		range: await coordination.record.range(),
		stateAt: async moment => {
			const replayed = await coordination.record.stateAt(moment);
			if (replayed === 'gone') throw new CommandError('too-old', 'The event log does not go back that far.');
			return replayedLine(replayed, {
				repository: {name, root, base, baseCommit: ''},
				redis: {isConnected: true, lostAt: 0, address},
				hasTestCommand: configuration.allowed.test !== undefined,
				isTrusted: configuration.isTrusted,
			});
		},
		events: (since, onEvent) => readStream(borrowed, {since, type: ''}, onEvent),
	};
};

const refusedMoment = ({code, message, hint}: Refusal): CommandError =>
	new CommandError(code, message, hint, code === 'usage' ? EXIT.usage : EXIT.failed);

/** The moment for a time; one outside the log is refused with the nearest. */
const momentIn = (range: RecordRange, text: string): Moment => {
	const moment = momentOf(text, range);
	if ('at' in moment) return moment;
	throw refusedMoment(moment);
};

/** The id before the first event in or after a time's second; clamped to the log's start. */
const sinceWhen = (range: RecordRange, from: string): string => {
	const moment = momentOf(from, range);
	if ('at' in moment) return `${Math.floor(moment.at / 1000) * 1000 - 1}-18446744073709551615`;
	if (moment.code === 'too-old') return '0-0';
	throw refusedMoment(moment);
};

/** What happened from one moment to another, inclusive; '' for the ends of the log. */
const readLandmarks = async (source: Source, from: string, to: string): Promise<Pick<ReplayLine, 'happened' | 'landmarks'>> => {
	const counts = Object.fromEntries(LANDMARKS.map(name => [name, 0])) as Record<Landmark, number>;
	const landmarks: EventLine[] = [];
	const since = from ? sinceWhen(source.range, from) : '0-0';
	const until = to ? momentIn(source.range, to) : undefined;
	await source.events(since, event => {
		const landmark = landmarkOf(event);
		if (!landmark || (until && (until.id ? isNewer(event.id, until.id) : event.at > until.at))) return;
		counts[landmark]++;
		landmarks.push(event);
		if (landmarks.length > LANDMARKS_KEPT) landmarks.shift();
	});
	return {happened: counts, landmarks};
};

const look = async (invocation: Invocation, source: Source): Promise<readonly string[]> => {
	const {range} = source;
	const at = textFlag(invocation, 'at');
	if (at) {
		const status = await source.stateAt(momentIn(range, at));
		return isSet(invocation, 'json') ? [plainJson(status)] : replayedText(status, range.now);
	}
	const told = await readLandmarks(source, textFlag(invocation, 'from'), textFlag(invocation, 'to'));
	const {now, ...rest} = range;
	const line: ReplayLine = {at: now, ...rest, ...told};
	return isSet(invocation, 'json') ? [plainJson(line)] : rangeText(line);
};

/** `agent-room replay [--at TIME | --from TIME --to TIME]`: a past state, or the range and what happened there. */
export const replay: RunCommand = async invocation => {
	if (textFlag(invocation, 'at') && (textFlag(invocation, 'from') || textFlag(invocation, 'to')))
		throw wrongUsage('`--at` cannot be combined with `--from` or `--to`.', 'Use one or the other.');
	const viaRoom = async (): Promise<readonly string[] | undefined> => {
		const source = await sourceOfRoom(invocation);
		return source && look(invocation, source);
	};
	const lines = await viaRoomOrRedis(invocation, viaRoom, async borrowed => look(invocation, await sourceOfRedis(borrowed)));
	for (const line of lines) invocation.print(line);
	return EXIT.ok;
};
