import {agentName} from '../../core/agent/agent.ts';
import type {Drawing} from '../draw/context.ts';
import {keyLabel, keyOf} from '../keymap/keymap.ts';
import {age} from '../model/time.ts';
import type {Toast} from '../state/state.ts';
import {cut, fill, type Line, said, span, widthOf, wrap} from '../text/text.ts';

/** Where it is, as short as one may say it: host and port, or the name of its socket. */
const placeOf = (address: string): string => {
	const bare = said(address).replace(/^rediss?:\/\/|^unix:/, '');
	return bare.startsWith('/') ? (bare.split('/').at(-1) ?? bare) : bare.replace(/\/$/, '');
};

/** Why it is away, in a word where there is one (`ECONNREFUSED`), else as it was told. */
const causeOf = (problem: string): string => /\bE[A-Z]{4,}\b/.exec(problem)?.[0] ?? cut(said(problem), 60);

/**
 * What a lost Redis means, in as many words as `columns` hold: since when, where and why, what goes on and what does not, how old everything is, when it is
 * tried again and which key does not wait for that.
 */
export const redisLost = ({snapshot, now, keymap, isAscii}: Drawing, columns: number): Line => {
	const {address, lostAt, problem, retryAt} = snapshot.redis;
	const since = age(now - lostAt);
	const key = keyOf(keymap, 'retry', isAscii);
	const waits = Math.ceil((retryAt - now) / 1000) * 1000;
	const next = waits > 0 ? `retrying in ${age(waits)} · ${key} now` : `retrying now · ${key} retries`;
	const cause = causeOf(problem);
	const place = [placeOf(address), cause].filter(Boolean).join(', ');
	const ends = [` ${next}`, ` ${key} retries`];
	const sentences = [
		` ✗ Redis disconnected ${since} ago (${place}). Agents keep running; queue and locks are frozen, values are ${since} old.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago (${place}). Agents keep running, values are ${since} old.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago${cause && !cause.includes(' ') ? ` (${cause})` : ''}: agents keep running.${ends[0]}`,
		` ✗ Redis disconnected ${since} ago: agents keep running.${ends[1]}`,
		` ✗ Redis disconnected ${since} ago.${ends[1]}`,
	];
	return [span(sentences.find(text => widthOf(text) <= columns) ?? cut(sentences.at(-1) ?? '', columns), 'danger')];
};

/** What was said last, on as many rows as there are. */
export const toastLines = ({text, isBad}: Toast, columns: number, rows: number): readonly Line[] => {
	const told = wrap(text, columns - 4, rows);
	return Array.from({length: rows}, (_, row): Line => {
		const lead = row > 0 ? '   ' : ` ${isBad ? '!' : '✓'} `;
		return fill([span(`${lead}${told[row] ?? ''}`, isBad ? 'warning' : 'good')], columns);
	});
};

/** What a terminal shows that is too small for the room: the sizes, and where the keys go while somebody types into a pane that is not seen. */
export const refusedWords = ({layout, state, keymap, isAscii}: Drawing): readonly string[] => {
	const {columns, rows} = layout;
	const sizes = [`Terminal is ${columns}x${rows}.`, 'agent-room needs 40x10.'];
	// In two rows where one would cut the numbers off.
	const words = rows > 1 && sizes.join(' ').length > columns ? sizes : [sizes.join(' ')];
	if (!state.typing || rows <= words.length) return words;
	return [...words, cut(`TYPE ${agentName(state.typing)}: ${keyLabel(keymap.leader, isAscii)} room`, columns)];
};
