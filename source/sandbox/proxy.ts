import {chmodSync, mkdirSync, rmSync} from 'node:fs';
import {createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {connect, type Socket} from 'node:net';
import {dirname} from 'node:path';
import type {Duplex} from 'node:stream';
import {isAllowed, readTarget} from './hosts.ts';

const CONNECT_MS = 30_000;

type Target = {readonly host: string; readonly port: number};

export type ProxyOptions = {
	/** Path of the unix socket, in a folder of the user alone. */
	readonly path: string;
	readonly allowed: readonly string[];
	/** The user's own proxy, such as `http://proxy.example.org:3128`; '' for none. */
	readonly upstream: string;
	/** Called once for each refused host. */
	readonly onRefused: (host: string) => void;
};

const MOST_TOLD = 20;

const plainHost = (host: string): string => host.replace(/^\[|\]$/g, '');

const upstreamOf = (upstream: string): (Target & {readonly authorization: string}) | undefined => {
	if (upstream === '' || !URL.canParse(upstream)) return undefined;
	const {hostname, port, username, password} = new URL(upstream);
	const login = username === '' ? '' : Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
	return {host: plainHost(hostname), port: Number(port) || 80, authorization: login === '' ? '' : `Basic ${login}`};
};

/** Connects to a target, through the user's proxy if there is one; undefined on failure. */
const reach = (target: Target, upstream: ReturnType<typeof upstreamOf>): Promise<Socket | undefined> =>
	new Promise(resolve => {
		const socket = connect({host: plainHost(upstream?.host ?? target.host), port: upstream?.port ?? target.port, timeout: CONNECT_MS});
		const give = (found: Socket | undefined): void => {
			socket.removeAllListeners('timeout').setTimeout(0);
			if (!found) socket.destroy();
			resolve(found);
		};
		socket.once('error', () => give(undefined)).once('timeout', () => give(undefined));
		socket.once('connect', () => {
			if (!upstream) {
				give(socket);
				return;
			}
			const name = `${target.host}:${target.port}`;
			const login = upstream.authorization === '' ? '' : `Proxy-Authorization: ${upstream.authorization}\r\n`;
			socket.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n${login}\r\n`);
			let head = '';
			const read = (chunk: Buffer): void => {
				head += chunk.toString('latin1');
				const end = head.indexOf('\r\n\r\n');
				if (end < 0 && head.length < 16_384) return;
				socket.off('data', read).pause();
				if (!/^HTTP\/1\.[01] 200/.test(head)) {
					give(undefined);
					return;
				}
				const rest = head.slice(end + 4);
				if (rest !== '') socket.unshift(Buffer.from(rest, 'latin1'));
				give(socket);
			};
			socket.on('data', read);
		});
	});

const join = (one: Duplex, other: Duplex): void => {
	one.pipe(other).on('error', () => one.destroy());
	other.pipe(one).on('error', () => other.destroy());
	one.once('close', () => other.destroy());
	other.once('close', () => one.destroy());
};

const words = ({host, port}: Target): string =>
	`agent-room: ${host}:${port} is not allowed by \`network: models\` (add it to \`hosts:\` in agent-room.yaml).\n`;

/**
 * Network access of one sandbox: an HTTP proxy of the room on a unix socket that is bound into it. Connects only to allowed host names;
 * sees names and ports, never TLS content. Resolves once it listens.
 */
export const startProxy = async ({path, allowed, upstream, onRefused}: ProxyOptions): Promise<{close(): void}> => {
	const way = upstreamOf(upstream);
	const told = new Set<string>();
	const sockets = new Set<Duplex>();
	const mayReach = (target: Target | undefined): target is Target => {
		if (target === undefined) return false;
		if (isAllowed(target, allowed)) return true;
		const name = `${target.host}:${target.port}`;
		if (!told.has(name) && told.size < MOST_TOLD) {
			told.add(name);
			onRefused(name);
		}
		return false;
	};
	const onConnect = async (request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
		client.on('error', () => client.destroy());
		const target = readTarget(request.url ?? '', 443);
		if (!mayReach(target)) {
			const text = target === undefined ? 'agent-room: not a host name.\n' : words(target);
			client.end(
				`HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
			);
			return;
		}
		const found = await reach(target, way);
		if (!found) {
			client.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n');
			return;
		}
		found.on('error', () => found.destroy());
		client.write('HTTP/1.1 200 Connection established\r\n\r\n');
		if (head.length > 0) found.write(head);
		join(client, found);
	};
	const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
		const target = url?.protocol === 'http:' ? readTarget(url.host, 80) : undefined;
		if (!url || !mayReach(target)) {
			response
				.writeHead(403, {'content-type': 'text/plain', connection: 'close'})
				.end(target ? words(target) : 'agent-room: unknown host.\n');
			return;
		}
		const found = await reach(target, way);
		if (!found) {
			response.writeHead(502, {connection: 'close'}).end();
			return;
		}
		const {'proxy-connection': _, 'proxy-authorization': __, ...headers} = request.headers;
		const onward = httpRequest(
			{
				method: request.method,
				path: `${url.pathname}${url.search}`,
				headers: {...headers, host: url.host, connection: 'close'},
				createConnection: () => found,
			},
			answer => {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
			},
		);
		onward.on('error', () => response.destroy());
		request.pipe(onward);
	};
	const server: Server = createServer((request, response) => void onRequest(request, response));
	server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => void onConnect(request, client, head));
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
	});
	mkdirSync(dirname(path), {recursive: true, mode: 0o700});
	rmSync(path, {force: true});
	await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
	chmodSync(path, 0o600);
	return {
		close: () => {
			server.close();
			for (const socket of sockets) socket.destroy();
			rmSync(path, {force: true});
		},
	};
};
