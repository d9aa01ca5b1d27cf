import {keyOf} from '../keymap.ts';
import {age} from '../model/ages.ts';
import type {Drawing} from './context.ts';
import {cut, type Line, said, span, widthOf} from './text.ts';

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
	const key = keyOf(keymap, 'requeue', isAscii);
	const waits = Math.ceil((retryAt - now) / 1000) * 1000;
	const next = waits > 0 ? `retrying in ${age(waits)} · ${key} now` : `retrying now · ${key} anew`;
	const cause = causeOf(problem);
	const place = [placeOf(address), cause].filter(Boolean).join(', ');
	const ends = [` ${next}`, ` ${key} retries`];
	const sentences = [
		` ✗ Redis lost ${since} ago (${place}). Agents go on; queue and locks are frozen, shown values are ${since} old.${ends[0]}`,
		` ✗ Redis lost ${since} ago (${place}). Agents go on, all values are ${since} old.${ends[0]}`,
		` ✗ Redis lost ${since} ago${cause && !cause.includes(' ') ? ` (${cause})` : ''}: agents go on.${ends[0]}`,
		` ✗ Redis lost ${since} ago: agents go on.${ends[1]}`,
		` ✗ Redis lost ${since} ago.${ends[1]}`,
	];
	return [span(sentences.find(text => widthOf(text) <= columns) ?? cut(sentences.at(-1) ?? '', columns), 'dead')];
};
