import {connect} from 'node:net';

/** True where something listens on the socket. */
export const isListening = (socketPath: string): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(socketPath);
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});

/**
 * Calls `onGone` once when nothing listens on the socket any more: a silent connection is held open, and the kernel closes it the moment the
 * server's process ends, whoever started it. Returns the way to stop watching.
 */
export const watchSocket = (socketPath: string, onGone: () => void): (() => void) => {
	let isStopped = false;
	const socket = connect(socketPath);
	socket.unref();
	const stop = (): void => {
		isStopped = true;
		socket.destroy();
	};
	let next = stop;
	socket.on('error', () => undefined);
	socket.once('close', async () => {
		if (isStopped) return;
		// The server may have dropped only this client.
		if (await isListening(socketPath)) {
			if (!isStopped) next = watchSocket(socketPath, onGone);
		} else if (!isStopped) onGone();
	});
	return () => {
		stop();
		if (next !== stop) next();
	};
};
