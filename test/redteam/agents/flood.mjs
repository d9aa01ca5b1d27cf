// Sends so many orders of a person on a socket, each on a connection of its own, twenty at once.
import {connect} from 'node:net';

const [, , path, count] = process.argv;
let left = Number(count);
const one = () => {
	if (left-- <= 0) return;
	const socket = connect(path, () => socket.write('{"op":"dispatch","action":{"type":"approve","task":"hostile"}}\n'));
	socket.on('error', () => undefined);
	socket.on('data', () => socket.destroy());
	socket.on('close', one);
};
for (let at = 0; at < 20; at++) one();
setTimeout(() => process.exit(0), 30_000).unref();
