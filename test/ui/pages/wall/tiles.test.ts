import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {bodyOf, grownRect, otherGrid, placesOf, tileRects} from '../../../../source/ui/pages/wall/tiles.ts';
import type {Rect} from '../../../../source/ui/text/layout.ts';
import {agent, NOW, room, task} from '../../fixtures/room.ts';

const isInside = (inner: Rect, outer: Rect): boolean =>
	inner.x >= outer.x &&
	inner.y >= outer.y &&
	inner.x + inner.columns <= outer.x + outer.columns &&
	inner.y + inner.rows <= outer.y + outer.rows;

describe('the tiles', () => {
	test('cover the body once, at every size and with every number', () => {
		const size = fc.record({columns: fc.integer({min: 100, max: 400}), rows: fc.integer({min: 30, max: 120})});
		fc.assert(
			fc.property(size, fc.integer({min: 1, max: 40}), fc.constantFrom(0, 1, 2, 4, 6, 9, 12, 16, 20, 25), (terminal, agents, wanted) => {
				const body = bodyOf(terminal);
				const rects = tileRects(body, agents, wanted);
				expect(rects.length).toBeGreaterThan(0);
				expect(rects.length).toBeLessThanOrEqual(Math.min(agents, wanted || 25));
				expect(rects.reduce((sum, {columns, rows}) => sum + columns * rows, 0)).toBe(body.columns * body.rows);
				for (const rect of rects) {
					expect(isInside(rect, body)).toBe(true);
					expect(rect.columns).toBeGreaterThanOrEqual(30);
					expect(rect.rows).toBeGreaterThanOrEqual(7);
					const grown = grownRect(rect, body);
					expect(isInside(grown, body)).toBe(true);
					// Without its frame: no program is made smaller than 80x24.
					expect([grown.columns - 2 >= 80, grown.rows - 2 >= 24]).toEqual([true, true]);
				}
			}),
		);
	});

	test('are as many as fit well, and more or fewer on demand', () => {
		const counts = (columns: number, rows: number, agents: number): readonly number[] => {
			const body = bodyOf({columns, rows});
			return [tileRects(body, agents, 0).length, otherGrid(body, agents, 0, 1) ?? 0, otherGrid(body, agents, 0, -1) ?? 0];
		};
		expect(counts(100, 30, 4)).toEqual([4, 0, 2]);
		expect(counts(100, 30, 9)).toEqual([6, 9, 4]);
		expect(counts(160, 45, 9)).toEqual([9, 0, 6]);
		expect(counts(220, 60, 20)).toEqual([20, 0, 16]);
	});
});

describe('the places', () => {
	const busy = (number: number, status = 'working') =>
		agent('dev', number, {status, task: `t-${number}`, questionId: status === 'needs-input' ? 'q' : ''});
	const roomOf = (...agents: ReturnType<typeof agent>[]) => {
		const tasks = agents.flatMap(({id, task: own}) => (own ? [task(own, {state: 'leased', owner: id})] : []));
		const snapshot = room({agents, tasks});
		const panes = new Map(
			[...snapshot.panes].map(([id, info]) => [id, {...info, isRunning: agents.some(one => one.id === id && one.task !== '')}]),
		);
		return {snapshot: {...snapshot, panes}, now: NOW};
	};
	const name = (id: string): string => id.replace('agent:dev:00', '');
	const places = (before: readonly string[], pins: readonly string[], held: string, agents: ReturnType<typeof agent>[], count = 2) =>
		placesOf(before, pins, held, () => count, roomOf(...agents));

	test('are filled by urgency, and whoever has one keeps it', () => {
		const first = places([], [], '', [busy(1), busy(2), busy(3), agent('dev', 4)]);
		expect(first.map(name)).toEqual(['1', '2', '3', '4']);
		const asking = places(first, [], '', [busy(1), busy(2), busy(3, 'needs-input'), agent('dev', 4)]);
		expect(asking.map(name)).toEqual(['1', '3', '2', '4']);
		// Answered, it stays: nothing moves under the eyes.
		expect(places(asking, [], '', [busy(1), busy(2), busy(3), agent('dev', 4)])).toEqual(asking);
		expect(places(asking, [], '', [agent('dev', 1), busy(2), busy(3), agent('dev', 4)]).map(name)).toEqual(['2', '3', '1', '4']);
	});

	test('are kept by a pin, and by the tile that is typed into', () => {
		const all = [busy(1), busy(2), busy(3, 'needs-input'), busy(4, 'needs-input')];
		const [one = '', two = ''] = places([], [], '', [busy(1), busy(2), busy(3), busy(4)]);
		expect(places([one, two], [one], '', all).map(name)).toEqual(['1', '3', '4', '2']);
		expect(places([one, two], [], two, all).map(name)).toEqual(['3', '2', '4', '1']);
	});
});
