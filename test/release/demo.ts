import type {OnScreen} from '../helpers/on-screen.ts';

/**
 * Plays the demo as a person who looks on: answers the agent that asks, waits until everything is merged, and leaves. Resolves with the last words of
 * the demo; fails with the screen where it does not come to its end.
 */
export const playDemo = async ({
	screen,
	text,
	press,
	shows,
	ended,
}: Pick<OnScreen, 'screen' | 'text' | 'press' | 'shows' | 'ended'>): Promise<readonly string[]> => {
	await shows(/asks: Do you want to proceed\?/);
	press('a');
	await shows(/or type a reply/);
	// A key that comes before the card counts as painted answers nothing; a person presses it again.
	while (/or type a reply/.test(text())) {
		if (!/› 1/.test(text())) press('1');
		await new Promise(resolve => setTimeout(resolve, 200));
	}
	await shows(/\b8 merged/);
	press('q');
	await shows(/detach, agents go on/);
	press('d');
	const {exitCode} = await ended;
	const words = text().split('\n');
	const at = words.findIndex(line => line.startsWith('The demo has finished'));
	if (exitCode !== 0 || at < 0 || screen.isAlternate) throw new Error(`The demo ended with ${exitCode}:\n${text()}`);
	return words.slice(at).filter(line => line.trim() !== '');
};
