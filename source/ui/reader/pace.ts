import type {News} from './news.ts';

/** Lines that a person is told unasked in a minute at most. */
const A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Of these, so many are kept for what is urgent. */
const KEPT = 6;
/** What was held back is told together after this long, ms. */
const TOGETHER_MS = 15_000;

export type Pace = {
	/** News as they come; what must wait is kept. Returns the lines to be told now. */
	take(news: readonly News[], now: number): readonly string[];
};

/** `meanwhile: 6 merged, 3 taken.` */
const together = (held: readonly News[]): string => {
	const counts = new Map<string, number>();
	for (const {kind} of held) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return `meanwhile: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}.`;
};

/**
 * Tells at most `A_MINUTE` lines in any minute, the urgent ones first; what is too much is counted and told in one line. Nothing is lost
 * without being counted.
 */
export const createPace = (): Pace => {
	let told: readonly number[] = [];
	let held: readonly News[] = [];
	let heldAt = 0;
	return {
		take: (news, now) => {
			told = told.filter(at => now - at < MINUTE_MS);
			const lines: string[] = [];
			const tell = (text: string): void => {
				lines.push(text);
				told = [...told, now];
			};
			for (const one of news) {
				const room = A_MINUTE - told.length - (one.isUrgent ? 1 : KEPT);
				// The order stays: behind something that is held back nothing quiet goes ahead.
				if (room > 0 && (one.isUrgent || held.length === 0)) {
					tell(one.text);
					continue;
				}
				if (held.length === 0) heldAt = now;
				held = [...held, one];
			}
			if (held.length > 0 && now - heldAt >= TOGETHER_MS && told.length < A_MINUTE) {
				tell(held.length === 1 && held[0] ? held[0].text : together(held));
				held = [];
			}
			return lines;
		},
	};
};
