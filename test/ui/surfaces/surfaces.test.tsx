import {afterEach, describe, expect, test, vi} from 'vitest';
import {DARK, paletteOf} from '../../../source/core/config/themes.ts';
import type {Drawing} from '../../../source/ui/draw/context.ts';
import * as bottom from '../../../source/ui/screen/bottom.ts';
import {createSurfaces, type Surfaces} from '../../../source/ui/surfaces/surfaces.tsx';
import {layoutOf} from '../../../source/ui/text/layout.ts';
import {cellsOf} from '../../terminal/screens.ts';
import {drawingOf} from '../fixtures/drawn.ts';
import {drive} from '../fixtures/driver.ts';
import {busyRoom} from '../fixtures/room.ts';

const opened = new Set<Surfaces>();
const open = (options: Parameters<typeof createSurfaces>[0] = {}): Surfaces => {
	const surfaces = createSurfaces(options);
	opened.add(surfaces);
	return surfaces;
};
afterEach(() => {
	for (const surfaces of opened) surfaces.close();
	opened.clear();
	vi.restoreAllMocks();
});

const textOf = (surfaces: Surfaces, id: string): string => {
	const found = surfaces.shown.find(surface => surface.id === id);
	if (!found) throw new Error(`no ${id} among ${surfaces.shown.map(surface => surface.id).join(', ')}`);
	return Array.from({length: found.rect.rows}, (_, row) => found.screen.textOf(row)).join('\n');
};
const versions = (surfaces: Surfaces): Readonly<Record<string, number>> =>
	Object.fromEntries(surfaces.shown.map(({id, screen}) => [id, screen.version]));

describe('the surfaces of a view', () => {
	test('are one for each rectangle, and fill the screen', () => {
		const surfaces = open();
		surfaces.show(drawingOf(drive(busyRoom())), DARK);
		expect(surfaces.shown.map(({id}) => id).toSorted()).toEqual(
			['attention', 'header', 'hints', 'panel-0', 'panel-1', 'panel-2', 'panel-4', 'panel-5', 'shared'].toSorted(),
		);
		const cells = surfaces.shown.reduce((sum, {rect}) => sum + rect.columns * rect.rows, 0);
		expect(cells).toBe(160 * 45);
	});

	test('are drawn again where something changed, and nowhere else', () => {
		const driver = drive(busyRoom());
		const surfaces = open();
		surfaces.show(drawingOf(driver), DARK);
		const before = versions(surfaces);
		surfaces.show(drawingOf(driver), DARK);
		expect(versions(surfaces)).toEqual(before);
		surfaces.show(drawingOf(driver.keys('j')), DARK);
		const changed = Object.entries(versions(surfaces)).filter(([id, version]) => version !== before[id]);
		expect(changed.map(([id]) => id).toSorted()).toEqual(['panel-0', 'panel-1']);
	});

	test('take a new size with the content for it', () => {
		const driver = drive(busyRoom());
		const surfaces = open();
		surfaces.show(drawingOf(driver), DARK);
		const small: Drawing = {...drawingOf(driver), layout: layoutOf(120, 40, {isZoomed: false, isTyping: false})};
		surfaces.show(small, DARK);
		expect(textOf(surfaces, 'header')).toMatch(/^ agent-room {2}shop@main {2}▲6.{70,} 14:32$/);
		expect(surfaces.shown.find(({id}) => id === 'hints')?.rect).toEqual({x: 0, y: 39, columns: 120, rows: 1});
	});

	test('come with what they show and go with it: a dialog is as large as its words and lies over the panes', () => {
		const driver = drive(busyRoom());
		const surfaces = open();
		surfaces.show(drawingOf(driver.keys('q')), DARK);
		const dialog = surfaces.shown.at(-1);
		expect(dialog).toMatchObject({id: 'dialog', isOver: true, rect: {columns: 76}});
		expect(textOf(surfaces, 'dialog').split('\n').at(-1)).toMatch(/^ *┗━+┛$/);
		surfaces.show(drawingOf(driver.keys('esc')), DARK);
		expect(surfaces.shown.some(({id}) => id === 'dialog')).toBe(false);
	});

	test('wear the theme of their own view', () => {
		const [dark, light] = [open(), open()];
		const drawing = drawingOf(drive(busyRoom()));
		dark.show(drawing, DARK);
		light.show(drawing, paletteOf('light', true));
		const badges = (surfaces: Surfaces): string[] => {
			const panel = surfaces.shown.find(({id}) => id === 'panel-1');
			return panel ? Array.from({length: panel.rect.rows}, (_, row) => cellsOf(panel.screen, row)[2] ?? '') : [];
		};
		// Bright magenta on black, magenta on white.
		expect(badges(dark).join()).toContain('◌|1|13|');
		expect(badges(light).join()).toContain('◌|1|5|');
	});
});

test('a part that breaks says so in its place and is reported, the others continue, and it is drawn again on request', () => {
	const broken: string[] = [];
	const driver = drive(busyRoom());
	const surfaces = open({onBroken: (part, error) => void broken.push(`${part}: ${(error as Error).message}`)});
	const breaks = vi.spyOn(bottom, 'attentionLines').mockImplementation(() => {
		throw new Error('no lines');
	});
	surfaces.show(drawingOf(driver), DARK);
	expect(broken).toEqual(['attention: no lines']);
	expect(textOf(surfaces, 'attention')).toBe(" ✗ This part of the screen failed: see the room's log.");
	expect(textOf(surfaces, 'hints')).toContain('ROOM │');
	surfaces.show(drawingOf(driver.keys('j')), DARK);
	expect(textOf(surfaces, 'panel-0')).toContain('0 dev-6');
	expect(broken).toHaveLength(1);
	breaks.mockRestore();
	surfaces.retry();
	surfaces.show(drawingOf(driver), DARK);
	expect(textOf(surfaces, 'attention')).toContain('a answer');
});
