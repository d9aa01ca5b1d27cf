import {existsSync, linkSync, mkdirSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';

/** Links the files of one folder of compiled code, each in the folder of its version of Node, into another that lacks them. */
const linkMissing = (from: string, to: string): void => {
	for (const version of existsSync(from) ? readdirSync(from) : []) {
		mkdirSync(join(to, version), {recursive: true, mode: 0o700});
		const there = new Set(readdirSync(join(to, version)));
		for (const name of readdirSync(join(from, version))) {
			if (there.has(name)) continue;
			try {
				linkSync(join(from, version, name), join(to, version, name));
			} catch {
				// Another worker was first, or a process is still writing it.
			}
		}
	}
};

/**
 * What V8 made of the program in earlier stories, in a folder of this one: variables by which its processes use it. Each room of a story runs a copy of
 * the program in the story's own folder, and would compile it again. Node names what it keeps by the path from its folder, which is the same in every
 * story. Call it before what ends the story's processes is registered, as what they compiled is kept after that.
 */
export const withCompiled = (folder: string): NodeJS.ProcessEnv => {
	const {NODE_COMPILE_CACHE} = process.env;
	if (!NODE_COMPILE_CACHE) return {};
	const [shared, own] = [join(NODE_COMPILE_CACHE, 'stories'), join(folder, 'v8')];
	mkdirSync(own, {mode: 0o700});
	linkMissing(shared, own);
	onTestFinished(() => linkMissing(own, shared));
	return {NODE_COMPILE_CACHE: own, NODE_COMPILE_CACHE_PORTABLE: '1'};
};
