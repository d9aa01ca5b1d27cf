import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {createFigureSum} from '../../../source/core/team/figures.ts';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {cellWidth} from '../../../source/terminal/text/widths.ts';
import type {Drawing} from '../../../source/ui/draw/context.ts';
import {createKeymap} from '../../../source/ui/keymap/keymap.ts';
import {OWN_LISTS} from '../../../source/ui/panels/panels.ts';
import {modeWord} from '../../../source/ui/screen/bottom.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {overflowOf} from '../../../source/ui/screen/overflow.ts';
import {update} from '../../../source/ui/screen/update.ts';
import {layoutFor} from '../../../source/ui/state/folded.ts';
import type {Command, Context, Message} from '../../../source/ui/state/message.ts';
import {initialState, scopesOf, type ViewState} from '../../../source/ui/state/state.ts';
import {gridOf} from '../../terminal/screens.ts';
import {change, facts, record} from '../fixtures/change.ts';
import {createDrawer} from '../fixtures/drawn.ts';
import {foreignTo} from '../fixtures/foreign.ts';
import {hostsPage} from '../fixtures/machines.ts';
import {anyBytes, anyKey, anyOutput, anySize, diceOf, HOSTILE_TEXTS, pick} from '../fixtures/monkey.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {NOW} from '../fixtures/room.ts';
import {anyRoom, shake} from '../fixtures/shaken-room.ts';
import {createTestPane, createTestStore, type TestPane} from '../fixtures/store.ts';

/** `MONKEYS=200 MONKEY=7` plays so many games more, from that seed on. */
const seedsOf = (count: number): readonly number[] =>
	Array.from({length: Number(process.env.MONKEYS ?? count)}, (_, index) => Number(process.env.MONKEY ?? 1) + index);

const keymap = createKeymap(KEYS);

/** Keys, pastes, news and answers in random order: whatever stands on the screen is whole, and says what the keys mean. */
const press = (seed: number, steps: number): void => {
	const next = diceOf(seed);
	const text = (): string => pick(next, HOSTILE_TEXTS);
	let snapshot = anyRoom(next);
	let [columns, rows] = anySize(next);
	let now = NOW;
	let state: ViewState = initialState;
	const drawer = createDrawer();
	const told: string[] = [];
	const context = (): Context => ({
		snapshot,
		layout: layoutFor({columns, rows}, state, {snapshot, now}, OWN_LISTS),
		keymap,
		now,
		paneOf: () => undefined,
		overflow: wanted => overflowOf(drawing(wanted)),
	});
	const drawing = (wanted: ViewState): Drawing => ({
		...context(),
		state: wanted,
		isAscii: seed % 5 === 0,
		paneAge: undefined,
		tail: () => [text()],
	});
	const send = (message: Message): readonly Command[] => {
		const updated = update(state, message, context());
		state = updated.state;
		return updated.commands;
	};
	const answerTo = (command: Command): Message | undefined => {
		const isThere = next(4) > 0;
		if (command.type === 'read') {
			const known = snapshot.team.tasks.get(command.task);
			const whole = {...parseWholeTask(command.task, {description: text(), handoff: text(), feedback: text()}), ...known};
			return {type: 'read', id: command.task, version: command.version, task: isThere && known ? whole : undefined};
		}
		if (command.type === 'look') {
			const log = {log: 'a.log', name: 'test-1', names: ['test-1', ...HOSTILE_TEXTS], lines: HOSTILE_TEXTS};
			const found = {
				facts,
				patch: change,
				record,
				log,
				web: {url: '', why: 'no forge'},
				trial: undefined,
				hosts: hostsPage(HOSTILE_TEXTS),
				figures: createFigureSum().figures(0, 3),
			}[command.what];
			return {type: 'looked', what: command.what, task: command.task, value: isThere ? found : undefined};
		}
		if (command.type === 'dispatch') return {type: 'told', text: text(), isBad: isThere};
		if (command.type === 'entries') return {type: 'entries', direction: command.direction, filter: command.filter, page: undefined};
		if (command.type === 'look-back') return {type: 'looked-back', to: command.to, past: isThere ? undefined : 'gone'};
		return command.type === 'files' ? {type: 'files', files: HOSTILE_TEXTS} : undefined;
	};
	const holds = (): void => {
		const pieces = drawer.draw(drawing(state)).parts;
		if (context().layout.kind === 'refused') return;
		const last = pieces.find(({id}) => id === 'hints');
		expect(last?.rect).toEqual({x: 0, y: rows - 1, columns, rows: 1});
		expect(last?.rows[0]?.slice(1)).toMatch(new RegExp(`^${modeWord(state)} `));
		for (const {id, rect, rows: painted} of pieces) {
			const isInside = rect.x >= 0 && rect.y >= 0 && rect.x + rect.columns <= columns && rect.y + rect.rows <= rows;
			expect([id, isInside, painted.length]).toEqual([id, true, rect.rows]);
			for (const row of painted) {
				expect(row).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u);
				expect([id, row, cellWidth(row)]).toEqual([id, row, rect.columns]);
			}
		}
	};
	const step = (): readonly Command[] => {
		const dice = next(20);
		if (dice < 13) {
			if (state.typing) return send({type: 'leader'});
			const key = anyKey(next, scopesOf(state));
			told.push(key);
			return send({type: 'key', key, text: key === 'space' ? ' ' : [...key].length === 1 ? key : ''});
		}
		if (dice === 13) return state.typing ? [] : send({type: 'paste', text: text()});
		if (dice === 14) return send({type: 'painted'});
		if (dice === 15) [columns, rows] = anySize(next);
		else if (dice === 16) now += next(10) * 700;
		else snapshot = shake(snapshot, next);
		told.push(dice === 15 ? `${columns}x${rows}` : 'news');
		return send({type: 'snapshot'});
	};
	try {
		send({type: 'snapshot'});
		for (let done = 0; done < steps; done++) {
			const commands = step();
			if (next(3) > 0) send({type: 'painted'});
			for (const answer of commands.map(answerTo)) if (answer && next(6) > 0) send(answer);
			holds();
		}
	} catch (error) {
		throw new Error(`seed ${seed}, ${columns}x${rows}, ${scopesOf(state)}, after ${told.slice(-12).join(', ')}`, {cause: error});
	} finally {
		drawer.close();
	}
};

/** A pane for every agent that anybody asks for. */
class Panes extends Map<string, TestPane> {
	override get(id: string): TestPane {
		const pane = super.get(id) ?? createTestPane(80, 24, this.size % 2 === 0);
		this.set(id, pane);
		return pane;
	}
	readonly written = (): number => [...this.values()].reduce((sum, pane) => sum + pane.written().length, 0);
}

/** One terminal in a storm of bytes, sizes, news and output. After each gust everything that is due is drawn. */
const storm = async (seed: number, gusts: number): Promise<void> => {
	const next = diceOf(seed);
	const panes = new Panes();
	const store = createTestStore(anyRoom(next), panes);
	let [columns, rows] = [160, 45];
	let now = NOW;
	let looked = 0;
	const faults: unknown[] = [];
	const told: string[] = [];
	const environment = {TERM: 'xterm-256color', AGENT_ROOM_MOUSE: `${next(2)}`, AGENT_ROOM_ASCII: `${next(2)}`};
	const terminal = open(store, {columns, rows}, {environment, now: () => now, onBroken: error => void faults.push(error)});
	const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(400);
	const last = (): string => terminal.screen.textOf(terminal.screen.rows - 1);
	const gust = async (): Promise<void> => {
		const dice = next(10);
		if (dice < 6) {
			const bytes = anyBytes(next, [columns, rows]);
			told.push(JSON.stringify(bytes.toString('latin1')));
			const cut = next(bytes.length + 1);
			terminal.view.input(bytes.subarray(0, cut));
			if (next(2) === 0) await vi.advanceTimersByTimeAsync(next(40));
			terminal.view.input(bytes.subarray(cut));
		} else if (dice === 8) {
			[columns, rows] = anySize(next);
			told.push(`${columns}x${rows}`);
			terminal.resize(columns, rows);
		} else if (dice === 9 && panes.size > 0) pick(next, [...panes.values()]).screen.write(anyOutput(next));
		else store.publish(shake(store.getSnapshot(), next));
		if (next(4) === 0) now += next(9000);
		store.answer =
			next(3) > 0
				? {ok: true, text: pick(next, HOSTILE_TEXTS)}
				: {ok: false, code: 'refused', message: pick(next, HOSTILE_TEXTS), hint: ''};
		await settle();
	};
	/** One letter more reaches a pane where TYPE stands on the screen, and none anywhere else. */
	const typesWhereItSays = async (): Promise<void> => {
		// What a paste has left open is ended before.
		terminal.type('\x1b[201~');
		await settle();
		const isTyping = last().startsWith(' TYPE ');
		const before = panes.written();
		terminal.type('Q');
		await settle();
		expect(panes.written() - before).toBe(isTyping ? 1 : 0);
	};
	const isWholeAnew = async (): Promise<void> => {
		const shown = gridOf(terminal.screen);
		const from = terminal.output().length;
		terminal.resize(columns, rows);
		await settle();
		const fresh = createHeadlessScreen({columns, rows, scrollback: 0});
		fresh.write(terminal.output().slice(from));
		const y = gridOf(fresh).findIndex((row, at) => row.join() !== shown[at]?.join());
		const textAt = (grid: string[][]): string =>
			`${y}: ${grid[y]?.map(one => one.split('|')[0]).join('')} ${grid[y]?.filter((one, x) => one !== shown[y]?.[x]).join(' ')}`;
		expect(y < 0 ? '' : textAt(shown)).toBe(y < 0 ? '' : textAt(gridOf(fresh)));
	};
	try {
		await settle();
		for (let done = 0; done < gusts; done++) {
			await gust();
			expect(faults).toEqual([]);
			// What one gust has brought is whole: no sequence is cut at its end.
			expect(foreignTo(terminal.output().slice(looked))).toBe('');
			looked = terminal.output().length;
			if (columns < 40 || rows < 10) continue;
			expect(last()).toMatch(/^ [A-Z][A-Z ]+/);
			if (done % 8 !== 0) continue;
			await typesWhereItSays();
			await isWholeAnew();
		}
	} catch (error) {
		throw new Error(`seed ${seed}, ${columns}x${rows}, after ${told.slice(-6).join(' ')}\n${terminal.text()}`, {cause: error});
	}
};

describe('a monkey at the keys', () => {
	test.each(seedsOf(3))('finds every row whole and the mode in sight, whatever it presses (%i)', seed => press(seed, 150));

	describe('of a terminal', () => {
		withTerminals();
		beforeEach(() => void vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance']}));
		afterEach(() => void vi.useRealTimers());

		test.each(seedsOf(3))('leaves no ghost, gets nothing of a pane but cells, and types where TYPE stands (%i)', seed => storm(seed, 40));
	});
});
