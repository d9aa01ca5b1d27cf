import type {ConnectionOptions} from 'node:tls';
import {Redis, type RedisOptions} from 'ioredis';
import {type Host, parseRedisUrl, type RedisAddress} from './address.ts';
import {connectorTo, type FindPrimary, findBySentinel, findInCluster, watchSentinels} from './primary.ts';

/** A client with data about its server. */
export type RedisClient = {
	readonly client: Redis;
	/** Set if a failover may move the server (Sentinel or Cluster); undefined for a fixed address. */
	readonly moves:
		| undefined
		| {
				readonly isInCluster: boolean;
				readonly find: FindPrimary;
				/** The present or last server. */
				readonly at: () => Host | undefined;
				/** Subscribes to primary changes, if announced; returns the unsubscribe function. */
				readonly watch: (onSwitch: () => void) => () => void;
		  };
};

/** An unconnected client. Authenticates by AUTH after connecting: no process's arguments or environment hold a password. */
export const createClient = (address: RedisAddress, options: RedisOptions): RedisClient => {
	if ('socketPath' in address) {
		const {socketPath, username, password} = address;
		const who = password === undefined ? {} : {username, password};
		return {client: new Redis({...options, path: socketPath, ...who} as RedisOptions), moves: undefined};
	}
	const target = parseRedisUrl(address.url);
	const {kind, hosts, name, database, username} = target;
	const password = address.password || target.password;
	const {ca, cert, key} = address;
	const tls: ConnectionOptions | undefined = target.isTls
		? {...(ca === undefined ? {} : {ca}), ...(cert === undefined || key === undefined ? {} : {cert, key})}
		: undefined;
	const way: RedisOptions = {...(tls ? {tls} : {}), ...(username ? {username} : {}), ...(password ? {password} : {})};
	if (kind === 'socket') return {client: new Redis({...options, ...way, path: target.path}), moves: undefined};
	if (kind === 'server') return {client: new Redis({...options, ...way, ...hosts[0], db: database}), moves: undefined};
	const ofSentinels: RedisOptions = {
		...(tls ? {tls} : {}),
		...(address.sentinelPassword ? {password: address.sentinelPassword} : {}),
	};
	const find = kind === 'sentinel' ? findBySentinel(hosts, name, ofSentinels) : findInCluster(hosts, address.namespace ?? 'workflow', way);
	let at: Host | undefined;
	const Connector = connectorTo(find, tls, host => {
		at = host;
	});
	return {
		client: new Redis({...options, ...way, db: database, Connector}),
		moves: {
			...{isInCluster: kind === 'cluster', find, at: () => at},
			watch: onSwitch => (kind === 'sentinel' ? watchSentinels(hosts, name, ofSentinels, onSwitch) : () => undefined),
		},
	};
};
