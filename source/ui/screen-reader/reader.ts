import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {createInputRouter} from '../../terminal/input/router.ts';
import {toAscii} from '../../terminal/text/ascii.ts';
import {type Need, needsYou} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';
import {capabilitiesOf} from '../view/capabilities.ts';
import {createNoticeBook} from '../view/notices.ts';
import {createShownCard} from '../view/question.ts';
import type {View, ViewOptions} from '../view/view.ts';
import {takeLine, typeKey, typePaste} from './input.ts';
import {choiceLine, decisionLines, figureLines, home, type Place, questionOf, type Step} from './menus.ts';
import {type Heard, heardOf, type News, needText, newsSince, spoken} from './news.ts';

/** Limit of unasked lines a minute. */
const A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** Part of it reserved for urgent lines. */
const KEPT = 6;
/** Interval after which held lines are summed up, ms. */
const TOGETHER_MS = 15_000;

export type Pace = {
	/** Takes news and holds what must wait; returns the lines to read now. */
	take(news: readonly News[], now: number): readonly string[];
};

/** `meanwhile: 6 merged, 3 taken.` */
const together = (held: readonly News[]): string => {
	const counts = new Map<string, number>();
	for (const {kind} of held) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return `meanwhile: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}.`;
};

/** Reads at most `A_MINUTE` lines in any minute, urgent ones first; sums up the rest in one line. Nothing is dropped uncounted. */
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
				// Keeps the order: nothing minor overtakes held lines.
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

/** While typing, news waits for the end of the line, at most this long, ms. */
const TYPING_MS = 15_000;
/** A line started within this time after new output, ms, belongs to the earlier state. */
const GRACE_MS = 1000;

/**
 * A view as spoken lines: nothing is drawn twice, no meaningless signs. Same store and safety as the screen: an answer is bound to the
 * question read, and a line started before the question could be heard does not answer it.
 */
export const createReader = (options: ViewOptions): View => {
	const {store, control, now} = options;
	const capabilities = capabilitiesOf(options.environment, options.display);
	const book = options.notices ?? createNoticeBook();
	const pace = createPace();
	let isClosed = false;
	let place: Place = home;
	/**
	 * Until `until` the last output cannot have been heard: a line started earlier is for `place`, where the user was, or for nothing. `card`
	 * must have been shown first.
	 */
	let early: {readonly place: Place | undefined; readonly card: string; readonly until: number} | undefined;
	/** The line being typed and its place; undefined for none, `nothing` if it started too early. */
	let line = '';
	let lineFor: Place | 'nothing' | undefined;
	let keyAt = now();
	let heard: Heard = heardOf(store.getSnapshot(), now());

	const raw = (text: string): void => {
		if (!isClosed) options.write(capabilities.isAscii ? text.replaceAll(/[^\x00-\x7f]+/gu, toAscii) : text);
	};
	/** Prints whole lines, and the typed line again below. */
	const print = (lines: readonly string[]): void => {
		if (lines.length === 0) return;
		raw(`${line ? '\r\n' : ''}${lines.map(text => `${spoken(text, 1000)}\r\n`).join('')}${line}`);
	};
	const look = () => ({snapshot: store.getSnapshot(), now: now()});

	const shownCard = createShownCard({
		write: raw,
		onShown: card => {
			if (early?.card === card) early = early.place ? {...early, until: now() + GRACE_MS} : undefined;
		},
	});
	/** Until this output can have been heard, a line is for `instead`. Does not query a terminal that would print the query. */
	const untilHeard = (card: string, instead?: Place): void => {
		early = {place: instead, card, until: Number.POSITIVE_INFINITY};
		if (capabilities.isSilent) early = instead ? {...early, until: now() + GRACE_MS} : undefined;
		else shownCard.painted(card);
	};

	const tellNeeds = (fresh: readonly Need[]): void => {
		if (fresh.length === 0) return;
		const snapshot = store.getSnapshot();
		const [first] = fresh;
		const isAtHome = place.at === 'menu' && line === '';
		const agent = first && [...snapshot.team.agents.keys()].find(id => first.id.startsWith(`${id} `));
		const question = agent ? questionOf(snapshot, agent) : undefined;
		const canAnswer = fresh.length === 1 && isAtHome && question !== undefined && question.choices.length > 0;
		const text =
			first && fresh.length === 1
				? needText(first, snapshot, canAnswer)
				: `new for you: ${fresh.map(({who}) => spoken(who)).join(', ')}. Type 1 to hear all ${needsYou(snapshot, serverNow(snapshot, now()))}.`;
		print(pace.take([{kind: 'asking', text, isUrgent: true}], now()));
		raw('\u0007');
		if (canAnswer && agent && question) {
			untilHeard(`asked ${agent} ${question.id}`, place);
			place = {at: 'answer', agent, questionId: question.id};
		}
	};
	const tell = (): void => {
		if (isClosed) return;
		const snapshot = store.getSnapshot();
		book.look(snapshot, now());
		if (line !== '' && now() - keyAt < TYPING_MS) return;
		const {needs: fresh, news} = newsSince(heard, snapshot, now());
		heard = heardOf(snapshot, now());
		print(pace.take(news, now()));
		tellNeeds(fresh);
		// The question is gone: numbers mean the menu again.
		if (place.at === 'answer' && line === '' && questionOf(snapshot, place.agent)?.id !== place.questionId) place = home;
	};

	const told = async (answer: Promise<ActionResult>): Promise<boolean> => {
		try {
			const result = await answer;
			if (!result.ok) print([[result.message, result.hint].filter(Boolean).join(' ')]);
			else if (result.text) print([result.text]);
			return result.ok;
		} catch (error) {
			print([`That failed: ${error instanceof Error ? error.message : String(error)}`]);
			return false;
		}
	};
	const dispatch = (action: Action): Promise<boolean> => told(store.dispatch(action));
	const decide = async (id: string): Promise<void> => {
		const task = await store.whole(id);
		print(task ? [...decisionLines(task), `${choiceLine(task)}; 0 for the menu.`] : ['It cannot be read now.']);
		untilHeard(`decide ${id} ${now()}`);
	};
	const tellFigures = async (): Promise<void> => {
		const figures = await store.look('figures', '');
		print(figures ? figureLines(figures, store.getSnapshot()) : ['The figures cannot be read now.']);
	};
	const perform = (step: Step): void => {
		place = step.place;
		early = undefined;
		print(step.lines);
		if (step.place.at === 'answer') untilHeard(`answer ${step.place.agent} ${step.place.questionId} ${now()}`);
		if (step.action) void dispatch(step.action);
		if (step.hasFigures) void tellFigures();
		if (step.leave === 'detach') control({type: 'detach'});
		if (step.leave === 'stop') void dispatch({type: 'stop-room'}).then(isDone => isDone && control({type: 'stopped'}));
		if (step.read === undefined) return;
		early = {place: undefined, card: '', until: Number.POSITIVE_INFINITY};
		void decide(step.read);
	};

	const placeNow = (): Place | 'nothing' => (early && now() < early.until ? (early.place ?? 'nothing') : place);
	const typed = ({text, echo}: {text: string; echo: string}): void => {
		if (line === '' && text !== '') lineFor = placeNow();
		line = text;
		raw(echo);
	};
	const enter = (): void => {
		const [whole, at] = [line, lineFor ?? placeNow()];
		line = '';
		lineFor = undefined;
		raw('\r\n');
		if (at === 'nothing' && whole.trim() !== '0') print(['Nothing was sent: you typed before the question was read.']);
		else perform(takeLine(at === 'nothing' ? home : at, whole, look()));
		tell();
	};
	const key = (name: string, text: string): void => {
		keyAt = now();
		if (name === 'enter' || name === 'ctrl+j') enter();
		else if (name === 'ctrl+c' || (name === 'ctrl+d' && line === '')) perform(takeLine(home, '9', look()));
		else if (name === 'ctrl+z') control({type: 'suspend'});
		else typed(typeKey(line, name, text));
	};
	const router = createInputRouter({
		leaders: [],
		onRoomKey: token => {
			if (isClosed) return;
			if (token.type === 'key') key(token.key, token.text);
			if (token.type === 'paste') typed(typePaste(line, token.text));
		},
		onPaneBytes: () => undefined,
		onLeader: () => false,
		onReply: bytes => void shownCard.hear(bytes),
		escapeMs: capabilities.escapeMs,
	});

	const {repository, team} = store.getSnapshot();
	const waiting = heard.needs.size;
	print([
		'agent-room in screen reader mode: one line for each change.',
		`${repository.name} on ${repository.base}, ${team.agents.size} agents, ${waiting} need${waiting === 1 ? 's' : ''} you. Type a number and enter; 0 reads the menu; 9 quits.`,
	]);
	if (waiting > 0) raw('\u0007');
	const leave = book.sit({person: () => ({hasFocus: true, lastKeyAt: keyAt}), tell: () => undefined}, store.getSnapshot(), now());
	const unsubscribe = store.subscribe(tell);
	const second = setInterval(tell, 1000);

	return {
		input: router.feed,
		resize: () => undefined,
		tmux: () => undefined,
		close: () => {
			if (isClosed) return;
			isClosed = true;
			clearInterval(second);
			unsubscribe();
			leave();
			router.dispose();
			shownCard.close();
		},
	};
};
