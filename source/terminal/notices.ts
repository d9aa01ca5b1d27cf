/** What a program told its terminal beside its screen: a title, a notification, a bell. The text is as it was sent, bounded. */
export type TerminalNotice = {readonly kind: 'title' | 'bell' | 'osc9' | 'osc777' | 'osc99'; readonly text: string};

/** OSC numbers by what they say; 0 and 2 set the title. */
export const NOTICE_OSC: ReadonlyMap<number, Exclude<TerminalNotice['kind'], 'bell'>> = new Map([
	[0, 'title'],
	[2, 'title'],
	[9, 'osc9'],
	[99, 'osc99'],
	[777, 'osc777'],
]);

/** A longer text is cut, characters; of one write only the last so many notices count: a flood of them keeps nobody busy. */
const MOST_TEXT = 500;
const MOST_AT_ONCE = 20;

/** A handler of OSC strings, as xterm calls it. */
export type StringHandler = {
	start(): void;
	put(data: Uint32Array, start: number, end: number): void;
	end(isWhole: boolean): boolean;
};

/** Collects notices while bytes are parsed; they are taken when the parse is over, in their order. */
export const createNoticeGate = () => {
	let found: TerminalNotice[] = [];
	const offer = (notice: TerminalNotice): void => {
		found.push(notice);
		if (found.length > MOST_AT_ONCE) found = found.slice(-MOST_AT_ONCE);
	};
	return {
		bell: (): void => {
			// Bells in a row are one.
			if (found.at(-1)?.kind !== 'bell') offer({kind: 'bell', text: ''});
		},
		handler: (kind: Exclude<TerminalNotice['kind'], 'bell'>): StringHandler => {
			let text = '';
			return {
				start: () => {
					text = '';
				},
				put: (data, start, end) => {
					for (let index = start; index < end && text.length < MOST_TEXT; index++) text += String.fromCodePoint(data[index] ?? 0x20);
				},
				end: isWhole => {
					if (isWhole) offer({kind, text});
					text = '';
					return true;
				},
			};
		},
		take: (): readonly TerminalNotice[] => {
			if (found.length === 0) return [];
			const taken = found;
			found = [];
			return taken;
		},
	};
};
