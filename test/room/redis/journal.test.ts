import {copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {foldJournal, JOURNAL_VERSION, type JournalChange} from '../../../source/core/team/journal.ts';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {createEpochWatch} from '../../../source/room/redis/epoch.ts';
import {appendRecords, encodeRecord, readJournal, replaceJournal} from '../../../source/room/redis/journal-file.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {checkJournal, keepsJournal} from '../../helpers/model-rebuild.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';
import {smallDisk} from '../../helpers/small-disk.ts';

const HEAD = {journal: JOURNAL_VERSION, repository: 'root', namespace: 'workflow', epoch: 1, nonces: ['n1']};
const CHANGES: readonly JournalChange[] = [
	{at: '1-0', tasks: {'t-1': {title: 'Ünï\nöde', state: 'ready'}}, control: {budget: '5'}},
	{at: '2-0', tasks: {'t-1': {state: 'leased'}, 't-2': {title: 'b'}}},
	{at: '3-1', features: {f: {total: '2'}}},
];
const ADDED: JournalChange = {at: '9-9', tasks: {'t-9': {title: 'added'}}};

/** The repository that began with this commit. */
const is = (identity: string) => async (known: string) => known === identity;

const written = async (): Promise<{readonly file: string; readonly bytes: Buffer; readonly ends: readonly number[]}> => {
	const file = join(temporaryFolder('jn'), 'workflow.jsonl');
	const all = async function* (): AsyncGenerator<JournalChange> {
		yield* CHANGES;
	};
	await replaceJournal(file, HEAD, all(), async () => true);
	const bytes = readFileSync(file);
	const sizes = [HEAD, ...CHANGES].map(record => encodeRecord(record).length);
	return {file, bytes, ends: sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size))};
};

describe('a journal', () => {
	test('that was cut off at any byte has every record that was whole, and goes on behind them', async () => {
		const {file, bytes, ends} = await written();
		for (let cut = 0; cut <= bytes.length; cut++) {
			writeFileSync(file, bytes.subarray(0, cut));
			const whole = ends.filter(end => end <= cut).length;
			const found = await readJournal(file, is('root'));
			if (whole === 0) {
				expect(found, `${cut} bytes`).toEqual({kind: 'none'});
				continue;
			}
			const before = CHANGES.slice(0, whole - 1);
			expect(found, `${cut} bytes`).toEqual({kind: 'read', state: foldJournal(HEAD, before), size: ends[whole - 1], damaged: 0});
			await appendRecords(file, ends[whole - 1] ?? 0, [ADDED]);
			expect(await readJournal(file, is('root')), `${cut} bytes, and more`).toMatchObject({
				damaged: 0,
				state: foldJournal(HEAD, [...before, ADDED]),
			});
		}
	});

	test('of which a byte has changed is used without that record, and says so', async () => {
		const {file, bytes, ends} = await written();
		const flipped = Buffer.from(bytes);
		const at = (ends[0] ?? 0) + 40;
		flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
		writeFileSync(file, flipped);
		const found = await readJournal(file, is('root'));
		expect(found).toMatchObject({kind: 'read', damaged: 1, state: {at: '3-1'}});
		expect(found.kind === 'read' && [...found.state.tasks]).toEqual([
			['t-1', {state: 'leased'}],
			['t-2', {title: 'b'}],
		]);
	});

	test('of a newer version, or of another repository, is refused in a sentence', async () => {
		const {file} = await written();
		expect(await readJournal(file, is('another'))).toMatchObject({
			kind: 'refused',
			message: expect.stringContaining('belongs to another repository'),
		});
		for (const newer of [encodeRecord({...HEAD, journal: 2}), Buffer.from('{"journal":7,"in another":"form"}\n')]) {
			writeFileSync(file, newer);
			expect(await readJournal(file, is('root'))).toMatchObject({kind: 'refused', message: expect.stringContaining('newer agent-room')});
		}
	});

	test('that cannot be replaced as a whole stays what it was', async () => {
		const {file, bytes} = await written();
		const broken = async function* (): AsyncGenerator<JournalChange> {
			yield ADDED;
			throw new Error('away');
		};
		await expect(replaceJournal(file, HEAD, broken(), async () => true)).rejects.toThrow('away');
		expect(await replaceJournal(file, HEAD, (async function* () {})(), async () => false)).toBeUndefined();
		expect(readFileSync(file)).toEqual(bytes);
		expect(readdirSync(dirname(file))).toEqual(['workflow.jsonl']);
	});
});

describe('a journal that follows Redis', () => {
	let redis: TestRedis;
	let connection: RedisConnection;
	beforeAll(async () => {
		redis = await startTestRedis(['--appendfsync', 'no']);
		connection = await redis.connect();
	});
	afterAll(() => redis.stop());

	test('catches up what was missed, also where the record no longer has it, and is not written by who has nothing new', async () => {
		const team = coordinationOn(connection, 'missed');
		const folder = temporaryFolder('jn');
		await team.submit(submission({description: 'long'}));
		await checkJournal(await keepsJournal(connection, team, 'missed', folder));
		await team.submit(submission({description: 'longer'}));
		const kept = await keepsJournal(connection, team, 'missed', folder);
		await checkJournal(kept);
		const {size, ino} = statSync(kept.journal.file);
		await kept.journal.catchUp();
		expect(statSync(kept.journal.file)).toMatchObject({size, ino});
		for (let more = 0; more < 5; more++) await team.submit(submission({title: `more ${more}`}));
		await connection.call('XTRIM', 'missed:events', 'MAXLEN', 2);
		await checkJournal(await keepsJournal(connection, team, 'missed', folder));
		expect(statSync(kept.journal.file).mode & 0o777).toBe(0o600);
	});

	test('is written whole where it was cut off or damaged', async () => {
		const team = coordinationOn(connection, 'cut');
		const folder = temporaryFolder('jn');
		await joins(team, 'agent:dev:001');
		await team.submit(submission({description: 'long'}));
		const first = await keepsJournal(connection, team, 'cut', folder);
		await checkJournal(first);
		await takes(team, 'agent:dev:001');
		await checkJournal(first);
		const {file} = first.journal;
		copyFileSync(file, `${file}.copy`);
		for (const bytes of [1, 30, 200, statSync(file).size - 20]) {
			copyFileSync(`${file}.copy`, file);
			truncateSync(file, statSync(file).size - bytes);
			await checkJournal(await keepsJournal(connection, team, 'cut', folder));
		}
		copyFileSync(`${file}.copy`, file);
		const bytes = readFileSync(file);
		bytes.writeUInt8(bytes.readUInt8(400) ^ 1, 400);
		writeFileSync(file, bytes);
		await checkJournal(await keepsJournal(connection, team, 'cut', folder));
	});

	test('never stops work: a full disk is said, and made up for once there is room', async () => {
		const team = coordinationOn(connection, 'full');
		const folder = temporaryFolder('jn');
		const disk = smallDisk(join(folder, 'journal'), 1024);
		const kept = await keepsJournal(connection, team, 'full', folder);
		for (let index = 0; index < 3; index++) await team.submit(submission({description: 'x'.repeat(5000)}));
		await kept.journal.catchUp();
		expect(kept.journal.problem()).toMatch(/^The journal cannot be written \((ENOSPC|EACCES)\): /);
		disk.free();
		await checkJournal(kept);
	});

	test('takes nothing from a Redis that has lost its data, and remembers what that was where nothing else does', async () => {
		const team = coordinationOn(connection, 'lost');
		const folder = temporaryFolder('jn');
		await team.submit(submission());
		const kept = await keepsJournal(connection, team, 'lost', folder);
		await checkJournal(kept);
		const bytes = readFileSync(kept.journal.file);
		await connection.call('FLUSHALL');
		await team.submit(submission({title: 'of another life'}));
		await kept.journal.catchUp();
		expect(readFileSync(kept.journal.file)).toEqual(bytes);
		writeFileSync(join(folder, 'epoch-lost.json'), '{');
		const later = await keepsJournal(connection, team, 'lost', folder);
		expect(later.epoch.finding()).toBe('Redis came back empty');
		await later.journal.catchUp();
		expect(readFileSync(kept.journal.file)).toEqual(bytes);
		// Without a journal nobody knows.
		expect(await (await createEpochWatch(temporaryFolder('jn'), 'other')).check(connection)).toMatchObject({code: 'ok'});
	});
});
