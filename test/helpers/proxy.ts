import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';

/** Where the real server listens, and where the proxy does: a unix socket's path, or a port on loopback (0 for a free one). */
export type ProxyAddress = string | number;

/** Stands between clients and a Redis and breaks what a network breaks. What is set holds for connections to come, too, until `restore`. */
export type RedisProxy = {
	/** The path, or the port that was free. */
	readonly address: ProxyAddress;
	/** Connections that are open at the moment. */
	readonly count: () => number;
	/** Ends every connection at once; new ones are served. */
	readonly cut: () => void;
	/** Ends every connection, and each new one, until `restore`: nothing is there. */
	readonly down: () => void;
	/** Commands reach the server, answers are lost: what was sent may have run. */
	readonly mute: () => void;
	/** Nothing passes either way and nothing is closed: a partition. `restore` delivers what was held up. */
	readonly hang: () => void;
	/** Every answer comes so much later, ms; the order stays. */
	readonly delay: (ms: number) => void;
	/** Every answer comes in pieces of so many bytes, and after `cutAfter` bytes of answers its connection ends in the middle of one. */
	readonly slice: (bytes: number, cutAfter?: number) => void;
	/** All is well again. Connections that lost an answer are ended: the next answer would be taken for the lost one. */
	readonly restore: () => void;
	/** Ends the proxy and its connections. */
	readonly close: () => Promise<void>;
};

type Mode = 'pass' | 'down' | 'mute' | 'hang';

const connectTo = (target: ProxyAddress): Socket => (typeof target === 'string' ? connect(target) : connect(target, '127.0.0.1'));

export const startProxy = async (target: ProxyAddress, listen: ProxyAddress): Promise<RedisProxy> => {
	let mode: Mode = 'pass';
	let delayMs = 0;
	let pieceBytes = Number.POSITIVE_INFINITY;
	let cutAfter = Number.POSITIVE_INFINITY;
	const pairs = new Set<{readonly end: () => void; readonly flush: () => void; hasLost: boolean}>();

	/** One direction: held while the proxy hangs, and never overtaken. */
	const pipe = (from: Socket, to: Socket, isAnswer: boolean, onLost: () => void): (() => void) => {
		const held: {readonly data: Buffer; readonly notBefore: number}[] = [];
		let timer: NodeJS.Timeout | undefined;
		let passed = 0;
		const flush = (): void => {
			clearTimeout(timer);
			while (mode !== 'hang' && held[0] && held[0].notBefore <= performance.now()) {
				const {data = Buffer.alloc(0)} = held.shift() ?? {};
				const piece = isAnswer && data.length > pieceBytes ? data.subarray(0, pieceBytes) : data;
				to.write(piece);
				passed += piece.length;
				if (isAnswer && passed > cutAfter) {
					to.destroy();
					return;
				}
				if (piece.length === data.length) continue;
				held.unshift({data: data.subarray(piece.length), notBefore: 0});
				setImmediate(flush);
				return;
			}
			if (mode !== 'hang' && held[0]) timer = setTimeout(flush, Math.max(1, held[0].notBefore - performance.now()));
		};
		from.on('data', data => {
			if (mode === 'mute' && isAnswer) onLost();
			else {
				held.push({data, notBefore: performance.now() + (isAnswer ? delayMs : 0)});
				flush();
			}
		});
		from.on('close', () => clearTimeout(timer));
		return flush;
	};

	const server = createServer(near => {
		near.on('error', () => undefined);
		if (mode === 'down') {
			near.destroy();
			return;
		}
		const far = connectTo(target);
		far.on('error', () => undefined);
		const toFar = pipe(near, far, false, () => undefined);
		const pair = {
			hasLost: false,
			end: () => {
				near.destroy();
				far.destroy();
			},
			flush: () => {
				toFar();
				toNear();
			},
		};
		const toNear = pipe(far, near, true, () => {
			pair.hasLost = true;
		});
		pairs.add(pair);
		for (const socket of [near, far])
			socket.on('close', () => {
				pairs.delete(pair);
				pair.end();
			});
	});
	if (typeof listen === 'string') server.listen(listen);
	else server.listen(listen, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();

	const cut = (): void => {
		for (const pair of pairs) pair.end();
	};
	return {
		address: typeof address === 'object' && address ? address.port : listen,
		count: () => pairs.size,
		cut,
		down: () => {
			mode = 'down';
			cut();
		},
		mute: () => {
			mode = 'mute';
		},
		hang: () => {
			mode = 'hang';
		},
		delay: ms => {
			delayMs = ms;
		},
		slice: (bytes, limit = Number.POSITIVE_INFINITY) => {
			pieceBytes = bytes;
			cutAfter = limit;
		},
		restore: () => {
			mode = 'pass';
			delayMs = 0;
			pieceBytes = Number.POSITIVE_INFINITY;
			cutAfter = Number.POSITIVE_INFINITY;
			for (const pair of pairs) {
				if (pair.hasLost) pair.end();
				else pair.flush();
			}
		},
		close: async () => {
			server.close();
			cut();
			await once(server, 'close');
		},
	};
};
