import {expect, test} from 'vitest';
import {nameOf, parseRedisUrl} from '../../source/redis/address.ts';

test.each([
	['/run/redis.sock', {kind: 'socket', path: '/run/redis.sock'}],
	['redis://', {kind: 'server', hosts: [{host: '127.0.0.1', port: 6379}], isTls: false}],
	['redis://h/3', {kind: 'server', hosts: [{host: 'h', port: 6379}], database: 3}],
	['rediss://room:a%20b@[::1]:7000', {hosts: [{host: '::1', port: 7000}], username: 'room', password: 'a b', isTls: true}],
	['redis://:p@ss@h', {username: '', password: 'p@ss', hosts: [{host: 'h', port: 6379}]}],
	[
		'redis+sentinel://h1,h2:26380/shop/2',
		{
			kind: 'sentinel',
			name: 'shop',
			database: 2,
			hosts: [
				{host: 'h1', port: 26_379},
				{host: 'h2', port: 26_380},
			],
		},
	],
	[
		'rediss+cluster://room@h1,h2',
		{
			kind: 'cluster',
			username: 'room',
			isTls: true,
			hosts: [
				{host: 'h1', port: 6379},
				{host: 'h2', port: 6379},
			],
		},
	],
])('%s is taken apart', (url, target) => {
	expect(parseRedisUrl(url)).toMatchObject(target);
});

test.each([
	...['', 'h:6379', 'http://h', 'redis://h:70000', 'redis://a b', 'redis://h/x', 'redis://h/1/2', 'redis://:%ff@h', 'redis://h?db=1'],
	...['redis+sentinel://h', 'redis+cluster://h/1', 'redis://h,', './redis.sock', 'redis://h\n'],
])('`%s` is refused by name', url => {
	expect(() => parseRedisUrl(url)).toThrow('is not a Redis address');
});

test('an address is told without user and password, however they are written', () => {
	for (const secret of ['secret', 'se@cret', 'se/cret', ':secret'])
		for (const url of [`redis://me:${secret}@h:1/2`, `redis+sentinel://${secret}@h/n`]) expect(nameOf({url})).not.toMatch(/secret|cret/);
	expect(nameOf({url: 'rediss://room:x@h:1/2'})).toBe('rediss://h:1/2');
});
