import type {Reading} from '../../core/session/reading.ts';
import type {LiveSession} from '../parts/attempt.ts';
import type {Pane} from '../team/pane.ts';
import {questionKey, readScreen} from './dialog.ts';

/** A screen is read once it is quiet for the first of these, at the latest the second after its change, ms. */
const QUIET_MS = 150;
const LATEST_MS = 600;
/** A sign counts when two looks this far apart agree, ms. */
const HOLDS_MS = 300;
const DRAWING_MS = 50;

const NOTHING: Reading = {source: 'screen', sign: 'a screen without a sign'};
const UNTITLED: Reading = {source: 'notice', sign: 'a title without a sign'};

const keyOf = (reading: Reading | undefined): string =>
	reading ? [reading.state ?? '', reading.sign, reading.question ? questionKey(reading.question) : ''].join('\n') : '';

/**
 * Watches a program's screen: its signs, titles, notifications. Reads only after a change, never at every frame. Returns the unsubscribe function.
 */
export const watchScreen = (pane: Pane, session: LiveSession): (() => void) => {
	let timer: NodeJS.Timeout | undefined;
	let changedAt: number | undefined;
	/** The sign of the last look, since when, and the one that was reported. */
	let seen = '';
	let seenAt = 0;
	let told = '';
	let title = '';

	const look = (): void => {
		timer = undefined;
		// Half drawn: complete in a moment.
		if (pane.screen.isUpdating) {
			timer = setTimeout(look, DRAWING_MS).unref();
			return;
		}
		changedAt = undefined;
		const reading = readScreen(session.cli, pane.screen);
		const now = performance.now();
		const key = keyOf(reading);
		if (key !== seen) {
			seen = key;
			seenAt = now;
		}
		if (seen === told) return;
		if (now - seenAt >= HOLDS_MS) {
			told = seen;
			session.take([reading ?? NOTHING]);
		} else timer = setTimeout(look, HOLDS_MS - (now - seenAt)).unref();
	};
	const changed = (): void => {
		const now = performance.now();
		changedAt ??= now;
		// While a sign waits for confirmation a look is due anyway; until then a busy screen is read at intervals.
		if (timer && seen !== told) return;
		clearTimeout(timer);
		timer = setTimeout(look, Math.max(0, Math.min(QUIET_MS, changedAt + LATEST_MS - now))).unref();
	};
	const noticed = (notice: Parameters<LiveSession['cli']['readNotice']>[0]): void => {
		let reading: Reading | undefined;
		try {
			reading = session.cli.readNotice(notice);
		} catch {
			reading = undefined;
		}
		if (!reading && notice.kind !== 'title') return;
		// A title is set again with every turn of its spinner: only a new meaning counts.
		const key = `${notice.kind} ${keyOf(reading)}`;
		if (notice.kind === 'title' && key === title) return;
		if (notice.kind === 'title') title = key;
		session.take([reading ?? UNTITLED]);
	};

	const stops = [pane.handle.onChange(changed), pane.onNotice(noticed)];
	return () => {
		clearTimeout(timer);
		for (const stop of stops) stop();
	};
};
